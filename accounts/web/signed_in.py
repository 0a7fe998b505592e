"""Which line a visitor is signed in with. Several lines may be signed in on one browser; one of them is current.

The session holds ids and instants only. A line is read anew on each request, so that a closed line or one that changed
hands is signed out at once.
"""

import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Line
from accounts.operations.sign_ins import end_sign_ins, start_sign_in
from accounts.queries.sign_ins import list_lines_signed_in
from accounts.web.device import device_name, device_token, keep_device_token, place_of
from kernel.clock import now

SESSION_KEY = "signed_in_lines"


class Proof(StrEnum):
    """How a visitor proves to hold a line."""

    CODE = "CODE"
    PASSWORD = "PASSWORD"  # noqa: S105 (the name of a proof)


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True, slots=True)
class LineRef:
    """A line by its shard and id and its sign-in on this browser, as the session keeps it."""

    account_id: uuid.UUID
    line_id: uuid.UUID
    sign_in_id: uuid.UUID


class SignedInRequest(HttpRequest):
    """The request as views behind `line_required` see it (for type checkers): `line` is never None there."""

    line: Line


def line_refs(session: SessionBase) -> list[LineRef]:
    """Return the lines signed in on this session and not for too long, the current one first."""
    oldest = now() - timedelta(seconds=settings.SIGN_IN_LIFETIME)
    return [
        LineRef(uuid.UUID(entry["account"]), uuid.UUID(entry["line"]), uuid.UUID(entry["sign_in"]))
        for entry in session.get(SESSION_KEY, [])
        if "sign_in" in entry and datetime.fromisoformat(entry["at"]) > oldest
    ]


def list_signed_in_lines(request: HttpRequest) -> list[Line]:
    """Return the signed-in lines that are still in use, the current one first; read once a request."""
    kept = cast("Any", request)
    if kept.signed_in_lines is None:
        refs = line_refs(request.session)
        kept.signed_in_lines = list_lines_signed_in([(ref.account_id, ref.line_id, ref.sign_in_id) for ref in refs])
    return cast("list[Line]", kept.signed_in_lines)


def remember_line(request: HttpRequest, response: HttpResponse, *, line: Line, proof: Proof, now: datetime) -> None:
    """Sign a line in on this browser and make it current.

    The session key and the form token change, so that planted ones are worthless.

    :param response: gets what the browser is known again by.
    """
    token = device_token(request)
    keep_device_token(response, token)
    sign_in_id = start_sign_in(
        line=line, device=device_name(request), device_token=token, place=place_of(request), now=now
    )
    before_here = [(ref.account_id, ref.sign_in_id) for ref in line_refs(request.session) if ref.line_id == line.id]
    end_sign_ins(keys=before_here, now=now)
    line_id = line.id
    entries = request.session.get(SESSION_KEY, [])
    before: dict[str, str] = next((kept.get("proofs", {}) for kept in entries if kept["line"] == str(line_id)), {})
    entry = {
        "account": str(line.account_id),
        "line": str(line_id),
        "sign_in": str(sign_in_id),
        "at": now.isoformat(),
        "proofs": {**before, proof.value: now.isoformat()},
    }
    others = [kept for kept in entries if kept["line"] != entry["line"]]
    request.session.cycle_key()
    rotate_token(request)
    request.session[SESSION_KEY] = [entry, *others]
    _read_anew(request)


def proved_at(request: HttpRequest, proof: Proof) -> datetime | None:
    """Return when the current line was last proved in this way on this browser; None when it never was."""
    at = _entry_of_current_line(request).get("proofs", {}).get(proof.value)
    return datetime.fromisoformat(at) if at else None


def add_proof(request: HttpRequest, proof: Proof, *, now: datetime) -> None:
    """Note that the current line was proved. The session key and the form token change, as at sign-in."""
    entry = _entry_of_current_line(request)
    entry["proofs"] = {**entry.get("proofs", {}), proof.value: now.isoformat()}
    request.session.cycle_key()
    rotate_token(request)
    request.session.modified = True


def _entry_of_current_line(request: HttpRequest) -> dict[str, Any]:
    line_id = str(cast("Any", request).line.id)
    found: dict[str, Any] = next(entry for entry in request.session[SESSION_KEY] if entry["line"] == line_id)
    return found


def make_current(request: HttpRequest, *, account_id: uuid.UUID, line_id: uuid.UUID) -> bool:
    """Put a signed-in line first; return False when it is not signed in here."""
    entries = request.session.get(SESSION_KEY, [])
    wanted = (str(account_id), str(line_id))
    chosen = [entry for entry in entries if (entry["account"], entry["line"]) == wanted]
    if not chosen:
        return False
    request.session[SESSION_KEY] = chosen + [entry for entry in entries if entry not in chosen]
    _read_anew(request)
    return True


def forget_line(request: HttpRequest, *, account_id: uuid.UUID, line_id: uuid.UUID) -> bool:
    """Sign one line out of this browser; return False when it is not signed in here."""
    gone = [ref for ref in line_refs(request.session) if (ref.account_id, ref.line_id) == (account_id, line_id)]
    if not gone:
        return False
    end_sign_ins(keys=[(ref.account_id, ref.sign_in_id) for ref in gone], now=now())
    entries = request.session[SESSION_KEY]
    request.session[SESSION_KEY] = [entry for entry in entries if entry["line"] != str(line_id)]
    _read_anew(request)
    return True


def current_sign_in_id(request: HttpRequest) -> uuid.UUID:
    """Return the sign-in of the current line on this browser."""
    return uuid.UUID(_entry_of_current_line(request)["sign_in"])


def forget_lines(request: HttpRequest) -> None:
    """Sign every line out of this browser."""
    end_sign_ins(keys=[(ref.account_id, ref.sign_in_id) for ref in line_refs(request.session)], now=now())
    request.session.flush()
    _read_anew(request)


class SignedInLineMiddleware:
    """Sets `request.line`: the current signed-in line, or None. Read from the database only when a page asks.

    What was made for somebody who is signed in is kept by no cache, whichever page it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _read_anew(request)
        response = self.get_response(request)
        if request.session.accessed and SESSION_KEY in request.session:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _read_anew(request: HttpRequest) -> None:
    kept = cast("Any", request)
    kept.signed_in_lines = None
    kept.line = SimpleLazyObject(lambda: next(iter(list_signed_in_lines(request)), None))


def line_required(view: View) -> View:
    """Let a view see signed-in visitors only; others go to the sign-in page and come back afterwards."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not cast("Any", request).line:
            return _to_sign_in(request)
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return cast("View", guarded)


def _page_of_the_form(request: HttpRequest) -> str:
    """Return where a form was filled in; the home page where that is not known or is not ours."""
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    page = urlsplit(came_from)
    return urlunsplit(("", "", page.path, page.query, "")) if ours and page.path else reverse("home")


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the sign-in page; the whole page, even if only a part of it was asked for.

    Who sent a form is told that it has not arrived.
    """
    if request.method == "POST":
        messages.info(request, _("You were signed out meanwhile, so nothing was sent. Sign in and send it again."))
    htmx = cast("Any", request).htmx
    if htmx:
        target = htmx.current_url_abs_path or reverse("home")
    else:
        target = request.get_full_path() if request.method == "GET" else _page_of_the_form(request)
    address = f"{reverse('accounts:sign-in')}?{urlencode({'next': target})}"
    response = HttpResponseClientRedirect(address) if htmx else redirect(address)
    cast("Any", response).outcome = "SIGN_IN_REQUIRED"
    return response
