"""Notes every use of a page or REST operation as one interaction row, by URL name. Lower floors don't know channels."""

import uuid
from collections.abc import Callable
from typing import cast

import structlog
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from accounts.web.session_age import is_poll
from accounts.web.signed_in import line_refs
from channels.operations.record_interaction import OK, record_interaction
from kernel.channel import Channel
from kernel.clock import now

log = structlog.get_logger(__name__)

# Not a customer's use of the hall: asked by machines, by staff, about the pages' looks, or on the demo's own handset.
NOT_COUNTED = frozenset(
    {
        "healthz",
        "readyz",
        "page_mode",
        "set_language",
        "styleguide",
        "manifest",
        "service-worker",
        "offline",
        "openapi-schema",
        "openapi-docs",
        "billing:payment-callback",
        "messaging:report-notice",
    }
)
NOT_COUNTED_SPACES = frozenset({"admin", "handset", "oauth2_provider"})
NOT_COUNTED_METHODS = frozenset({"HEAD", "OPTIONS"})
REST_PREFIX = "tmf-api/"


class InteractionMiddleware:
    """Writes the row after the answer is made; a failure to note never spoils the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is None or not match.url_name or not _is_counted(request, match):
            return response
        rest = match.route.startswith(REST_PREFIX)
        try:
            record_interaction(
                channel=Channel.PARTNER if rest else Channel.WEB,
                capability=f"{request.method} {match.view_name}" if rest else match.view_name,
                outcome=_outcome(response),
                account_id=_account_id(request),
                now=now(),
            )
        except Error:
            log.exception("interaction_not_noted", view=match.view_name)
        return response


def _is_counted(request: HttpRequest, match: ResolverMatch) -> bool:
    left_out = match.view_name in NOT_COUNTED or NOT_COUNTED_SPACES & set(match.namespaces)
    return not left_out and not is_poll(request) and request.method not in NOT_COUNTED_METHODS


def _outcome(response: HttpResponse) -> str:
    """The refusal's code, which views put on the response, else the HTTP status."""
    by_status = OK if response.status_code < 400 else f"HTTP_{response.status_code}"
    return cast("str", getattr(response, "outcome", by_status))


def _account_id(request: HttpRequest) -> uuid.UUID | None:
    """The signed-in line's account; REST views name the account they worked for on the request."""
    refs = line_refs(request.session)
    return refs[0].account_id if refs else cast("uuid.UUID | None", getattr(request, "account_id", None))
