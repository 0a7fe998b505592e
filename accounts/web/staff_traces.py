"""What staff look at and do leaves a trace: every page of the staff desk passes through `traced`.

Pages of customers' rows note whom they show (`kernel.read_only_admin` does it for all of them); the traces are written
before the answer leaves, so that nothing is seen without one.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import StaffUser, TraceKind, TraceOutcome
from accounts.operations.staff_traces import Trace, record_traces
from accounts.queries.lines import list_account_ids_of_number
from accounts.web.client_address import client_address
from kernel.clock import now
from kernel.phone import NumberInvalid, parse_msisdn

if TYPE_CHECKING:
    from django.contrib.messages.storage.base import BaseStorage

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

_VISIT = "staff_visit"
_READS = ("GET", "HEAD", "OPTIONS")
# Names of fields that say nothing of what was done.
_UNTOLD = {"csrfmiddlewaretoken", "next", "request_key", "_selected_action", "select_across", "index"}
_REASONS = ("reason", "refusal")


@dataclass(slots=True)
class Visit:
    """Whom one request shows to staff.

    :ivar seen: (kind, account, line) of each look, in the order of the page.
    :ivar listed: customers' rows on a list that nobody in particular was looked for in.
    """

    seen: dict[tuple[TraceKind, uuid.UUID, uuid.UUID | None], None] = field(default_factory=dict)
    listed: int = 0


def note_looks(
    request: HttpRequest,
    accounts: Iterable[tuple[uuid.UUID, uuid.UUID | None]],
    *,
    kind: TraceKind = TraceKind.LOOK,
) -> None:
    """Note that a page shows these accounts, each with its line where that is known."""
    visit: Visit | None = getattr(request, _VISIT, None)
    if visit is not None:
        visit.seen |= dict.fromkeys((kind, account_id, line_id) for account_id, line_id in accounts)


def note_list(request: HttpRequest, count: int) -> None:
    """Note that a page lists this many rows of customers whom nobody looked for."""
    visit: Visit | None = getattr(request, _VISIT, None)
    if visit is not None:
        visit.listed += count


def traced(view: View) -> View:
    """Return the view with its traces: whom it shows, what file it gives, what was sent to it and what came of that."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        staff = cast("StaffUser", request.user)
        staff_id, visit = staff.pk, Visit()
        setattr(request, _VISIT, visit)
        answer: HttpResponseBase | None = None
        try:
            answer = view(request, *args, **kwargs)
        except PermissionDenied:
            _write(request, staff, _refused(request, visit))
            raise
        if staff_id is not None:
            _write(request, staff, _traces(request, visit, answer))
        return answer

    return cast("View", inner)


def _write(request: HttpRequest, staff: StaffUser, traces: list[Trace]) -> None:
    if traces:
        record_traces(staff=staff, traces=traces, address=client_address(request), now=now())


def _traces(request: HttpRequest, visit: Visit, answer: HttpResponseBase) -> list[Trace]:
    page, row_key = _page_of(request)
    traces = [
        Trace(kind, page, account_id=account_id, line_id=line_id, row_key=row_key)
        for kind, account_id, line_id in visit.seen
    ]
    if visit.listed:
        traces.append(Trace(TraceKind.LIST, page, count=visit.listed))
    if answer.has_header("Content-Disposition"):
        traces.append(Trace(TraceKind.EXPORT, page, account_id=_only(visit), row_key=row_key))
    if request.method not in _READS:
        traces += _deeds(request, visit, page, row_key, answer)
    return traces


def _deeds(request: HttpRequest, visit: Visit, page: str, row_key: str, answer: HttpResponseBase) -> list[Trace]:
    """Return what was sent: done where the answer leads on, refused where it says so.

    A form that is shown again did nothing, but it may show whom the number in it belongs to.
    """
    accounts = [_only(visit)] if visit.seen else _accounts_of_number(request)
    if not 300 <= answer.status_code < 400:
        if answer.status_code >= 400:
            return [_deed(request, page, row_key, account, TraceOutcome.REFUSED) for account in accounts or [None]]
        return [Trace(TraceKind.LOOK, page, account_id=account) for account in accounts if not visit.seen]
    outcome = TraceOutcome.REFUSED if _says_no(request) else TraceOutcome.DONE
    return [_deed(request, page, row_key, account, outcome) for account in accounts or [None]]


def _deed(request: HttpRequest, page: str, row_key: str, account_id: uuid.UUID | None, outcome: TraceOutcome) -> Trace:
    sent = [name if name != "action" else f"action={value}" for name, value in request.POST.items()]
    told = ", ".join(name for name in sent if name not in _UNTOLD)
    reason = next((str(request.POST[name]) for name in _REASONS if request.POST.get(name)), "")
    # A refused form may hold what no column takes; its trace is written all the same.
    told, reason = told.replace("\x00", "\ufffd"), reason.replace("\x00", "\ufffd")
    return Trace(TraceKind.ACT, page, account_id=account_id, row_key=row_key, sent=told, reason=reason, outcome=outcome)


def _refused(request: HttpRequest, visit: Visit) -> list[Trace]:
    """Return what somebody tried who may not."""
    page, row_key = _page_of(request)
    kind = TraceKind.LOOK if request.method in _READS else TraceKind.ACT
    return [Trace(kind, page, account_id=_only(visit), row_key=row_key, outcome=TraceOutcome.REFUSED)]


def _page_of(request: HttpRequest) -> tuple[str, str]:
    match = request.resolver_match
    if match is None:
        return request.path, ""
    return match.url_name or request.path, unquote(str(match.kwargs.get("object_id", "")))


def _only(visit: Visit) -> uuid.UUID | None:
    """Return whose data the page shows, where it is one account's."""
    accounts = {account_id for _kind, account_id, _line_id in visit.seen}
    return next(iter(accounts)) if len(accounts) == 1 else None


def _accounts_of_number(request: HttpRequest) -> list[uuid.UUID | None]:
    try:
        return [*list_account_ids_of_number(parse_msisdn(str(request.POST.get("msisdn", ""))))]
    except NumberInvalid:
        return []


def _says_no(request: HttpRequest) -> bool:
    """Tell whether the next page will say that it was refused; what is to be said stays to be said."""
    storage = cast("BaseStorage", messages.get_messages(request))
    refused = False
    for message in storage:
        # Lazy words are only turned into text on their first way into the cookie, and this is their second.
        message.message = str(message.message)
        refused = refused or message.level >= messages.ERROR
    storage.used = False
    return refused
