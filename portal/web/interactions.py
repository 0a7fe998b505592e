"""Notes every use of a page or REST operation as one interaction row, by URL name. Lower floors don't know channels."""

import uuid
from collections.abc import Callable
from typing import Any, cast

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from accounts.web.signed_in import line_refs
from channels.operations.record_interaction import record_interaction
from kernel.channel import Channel
from kernel.clock import now

log = structlog.get_logger(__name__)

# Not used by a customer: health, static parts, staff, documents, the demo's own handset and what a page polls by itself.
NOT_COUNTED = frozenset(
    {"healthz", "readyz", "page_mode", "set_language", "openapi-schema", "openapi-docs", "styleguide"}
)
NOT_COUNTED_SPACES = frozenset({"admin", "handset"})


class InteractionMiddleware:
    """Writes the row after the answer is made; a failure to note never spoils the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is None or not match.url_name or not _is_counted(request):
            return response
        rest = match.route.startswith("tmf-api/")
        try:
            record_interaction(
                channel=Channel.PARTNER if rest else Channel.WEB,
                capability=f"{request.method} {match.view_name}" if rest else match.view_name,
                outcome=_outcome(response),
                account_id=_account_id(request),
                now=now(),
            )
        except DatabaseError:
            log.exception("interaction_not_noted", view=match.view_name)
        return response


def _is_counted(request: HttpRequest) -> bool:
    match = request.resolver_match
    assert match is not None
    polled = bool(getattr(request, "htmx", False)) and request.headers.get("HX-Trigger-Name") == "poll"
    return match.url_name not in NOT_COUNTED and not NOT_COUNTED_SPACES & set(match.namespaces) and not polled


def _outcome(response: HttpResponse) -> str:
    """The refusal's code, which views put on the response, else the HTTP status."""
    if response.status_code < 400:
        return cast("str", getattr(response, "outcome", "OK"))
    return cast("str", getattr(response, "outcome", f"HTTP_{response.status_code}"))


def _account_id(request: HttpRequest) -> uuid.UUID | None:
    refs = line_refs(request.session)
    return refs[0].account_id if refs else cast("Any", getattr(request, "account_id", None))
