"""Keeps a session alive while its pages are used, and lets it end when they are not."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from accounts.operations.sign_ins import touch_sign_ins
from accounts.web.signed_in import line_refs
from kernel.clock import now

SESSION_KEY = "used_at"
# A session is saved at most this often only because it is used: not every page should cost a write.
SAVE_EVERY_SECONDS = 60


class SessionAgeMiddleware:
    """Moves the end of a used session on. What a page polls by itself does not count as use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        if session.accessed and not session.is_empty() and not is_poll(request):
            used_at = int(now().timestamp())
            if used_at - session.get(SESSION_KEY, 0) >= SAVE_EVERY_SECONDS:
                session[SESSION_KEY] = used_at
                keys = [(ref.account_id, ref.sign_in_id) for ref in line_refs(session)]
                touch_sign_ins(keys=keys, now=now())
        return response


def is_poll(request: HttpRequest) -> bool:
    """Tell whether a page asks by itself: the element that does so has the attribute name="poll"."""
    return bool(cast("Any", request).htmx) and request.headers.get("HX-Trigger-Name") == "poll"
