"""Writes every call of the REST face down, whatever its outcome, and tells callers where they stand in their minute."""

import time
from collections.abc import Callable
from typing import Any, cast

import structlog
from django.db import Error
from django.http import HttpRequest, HttpResponse

from accounts.web.client_address import client_address
from kernel.clock import now
from kernel.rest.idempotency import HEADER
from partners.operations.call_rate import WINDOW, CallRate
from partners.operations.record_call import record_call

log = structlog.get_logger(__name__)

_SPACES = ("/tmf-api/", "/oauth/")
OK = "OK"
_ONLY_READ = frozenset({"GET", "HEAD", "OPTIONS"})


class CallLogMiddleware:
    """Writes the row after the answer is made; a failure to note never spoils the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_SPACES):
            return self.get_response(request)
        began = time.monotonic()
        response = self.get_response(request)
        rate: CallRate | None = getattr(request, "rest_rate", None)
        if rate is not None:
            _tell_rate(response, rate)
        try:
            _record(request, response, milliseconds=round((time.monotonic() - began) * 1000))
        except Error:
            log.exception("call_not_recorded", path=request.resolver_match and request.resolver_match.view_name)
        return response


def _tell_rate(response: HttpResponse, rate: CallRate) -> None:
    """As draft-ietf-httpapi-ratelimit-headers has it: what is allowed, and what is left."""
    response["RateLimit-Policy"] = f'"calls";q={rate.limit};w={int(WINDOW.total_seconds())}'
    response["RateLimit"] = f'"calls";r={rate.remaining};t={rate.reset_seconds}'


def _record(request: HttpRequest, response: HttpResponse, *, milliseconds: int) -> None:
    match, noted = request.resolver_match, cast("Any", request)
    record_call(
        client_id=getattr(noted, "rest_client_id", ""),
        operation=f"{request.method} {match.view_name if match and match.url_name else 'unknown'}",
        status=response.status_code,
        outcome=getattr(response, "outcome", OK if response.status_code < 400 else f"HTTP_{response.status_code}"),
        account_id=getattr(noted, "account_id", None),
        entity_id=getattr(noted, "rest_entity_id", ""),
        idempotency_key=request.headers.get(HEADER, ""),
        address=client_address(request),
        milliseconds=milliseconds,
        only_read=request.method in _ONLY_READ,
        now=now(),
    )
