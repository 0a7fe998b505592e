"""Which line a visitor is signed in with. Several lines may be signed in on one browser; one of them is current.

The session holds ids and instants only. A line is read anew on each request, so that a closed line or one that changed
hands is signed out at once.
"""

import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from accounts.models import Line
from accounts.queries.lines import list_lines_in_use

SESSION_KEY = "signed_in_lines"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True, slots=True)
class LineRef:
    """A line by its shard and id, as the session keeps it."""

    account_id: uuid.UUID
    line_id: uuid.UUID


class SignedInRequest(HttpRequest):
    """The request as views behind `line_required` see it (for type checkers): `line` is never None there."""

    line: Line


def line_refs(session: SessionBase) -> list[LineRef]:
    """Return the lines signed in on this session, the current one first."""
    return [
        LineRef(uuid.UUID(entry["account"]), uuid.UUID(entry["line"])) for entry in session.get(SESSION_KEY, [])
    ]


def list_signed_in_lines(request: HttpRequest) -> list[Line]:
    """Return the signed-in lines that are still in use, the current one first."""
    return list_lines_in_use([(ref.account_id, ref.line_id) for ref in line_refs(request.session)])


def remember_line(request: HttpRequest, *, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> None:
    """Sign a line in on this browser and make it current. The session key changes, so a planted one is worthless."""
    entry = {"account": str(account_id), "line": str(line_id), "at": now.isoformat()}
    others = [kept for kept in request.session.get(SESSION_KEY, []) if kept["line"] != entry["line"]]
    request.session.cycle_key()
    request.session[SESSION_KEY] = [entry, *others]


def make_current(request: HttpRequest, *, line_id: uuid.UUID) -> bool:
    """Put a signed-in line first; return False when it is not signed in here."""
    entries = request.session.get(SESSION_KEY, [])
    chosen = [entry for entry in entries if entry["line"] == str(line_id)]
    if not chosen:
        return False
    request.session[SESSION_KEY] = chosen + [entry for entry in entries if entry not in chosen]
    return True


def forget_lines(request: HttpRequest) -> None:
    """Sign every line out of this browser."""
    request.session.flush()


class SignedInLineMiddleware:
    """Sets `request.line`: the current signed-in line, or None. Read from the database only when a page asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        cast(Any, request).line = SimpleLazyObject(lambda: _current_line(request))
        return self.get_response(request)


def _current_line(request: HttpRequest) -> Line | None:
    return next(iter(list_signed_in_lines(request)), None)


def line_required(view: View) -> View:
    """Let a view see signed-in visitors only; others go to the sign-in page and come back afterwards."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not cast(Any, request).line:
            target = request.get_full_path() if request.method == "GET" else reverse("home")
            return redirect(f"{reverse('accounts:sign-in')}?{urlencode({'next': target})}")
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return cast(View, guarded)
