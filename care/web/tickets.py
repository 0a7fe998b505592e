"""A customer's enquiries and complaints: all of them, a new one, and one with its history and what can be said now."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Line
from accounts.web.signed_in import SignedInRequest, line_required, list_signed_in_lines
from care.models import AboutKind, EntryAuthor, EntryKind, Ticket, TicketEntry, TicketKind, TicketState
from care.operations.open_ticket import TicketWish, open_ticket
from care.operations.ticket_steps import Author
from care.operations.ticket_wishes import add_words, confirm_solved, reopen_ticket, withdraw_ticket
from care.queries.subjects import Subject, get_subject, read_subject
from care.queries.tickets import get_ticket, list_entries, list_tickets
from care.web.forms import OpenTicketForm, ReplyForm
from kernel.channel import Channel
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from kernel.ids import PublicId

BY_LINE = Author(EntryAuthor.LINE, Channel.WEB)
_TONES = {
    TicketState.ACKNOWLEDGED: "wait",
    TicketState.IN_PROGRESS: "wait",
    TicketState.HELD: "wait",
    TicketState.PENDING: "warn",
    TicketState.RESOLVED: "good",
    TicketState.CLOSED: "plain",
    TicketState.REJECTED: "stop",
    TicketState.CANCELLED: "plain",
}
_WITHDRAWABLE = (TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS, TicketState.PENDING, TicketState.HELD)


@require_safe
@line_required
def tickets(request: SignedInRequest) -> HttpResponse:
    """List what this number asked and complained of, newest first, with where each stands."""
    line = request.line
    found = list_tickets(line.account_id, line_id=line.id)
    return render(request, "care/tickets.html", {"rows": [_row(one) for one in found], "line": line})


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def open_page(request: SignedInRequest) -> HttpResponse:
    """Ask what it is, and open a ticket. `about` in the address names what it came from.

    :raises Http404: the address names what is not this line's.
    """
    if request.method != "POST":
        about = request.GET.get("about", "")
        kind = TicketKind.COMPLAINT if request.GET.get("kind") == "complaint" else None
        return _open_page(request, OpenTicketForm(initial={"about": about, "kind": kind}), about)
    form = OpenTicketForm(request.POST)
    about = request.POST.get("about", "")
    if not form.is_valid():
        return _open_page(request, form, about, status=422, outcome="INVALID")
    line, entered, subject = request.line, form.cleaned_data, _subject(request, about)
    try:
        opened = open_ticket(
            account_id=line.account_id,
            wish=TicketWish(
                kind=TicketKind(entered["kind"]),
                words=entered["words"],
                line_id=line.id,
                about=(subject.kind, subject.id) if subject else None,
            ),
            author=BY_LINE,
            request_key=str(entered["request_key"]),
            language=line.language,
            now=now(),
        )
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _open_page(request, form, about, status=refusal.http_status, outcome=refusal.code)
    messages.success(request, _("We have it. Your ticket number is %(number)s.") % {"number": opened.number})
    return redirect("care:ticket", _public_id(opened))


@require_safe
@line_required
def ticket(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Show a ticket with its history, and what its customer can say and do now."""
    return _ticket_page(request, ticket_or_404(request, public_id), ReplyForm())


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def reply(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Take what the customer says of a ticket: more words, that it is solved or not, or that it is withdrawn.

    Whoever reloads the page of a refusal sees the ticket.
    """
    found = ticket_or_404(request, public_id)
    if request.method != "POST":
        return redirect("care:ticket", public_id)
    act = request.POST.get("act", "words")
    form = ReplyForm(request.POST)
    said: Any = {"account_id": found.account_id, "ticket_id": found.id, "author": BY_LINE, "now": now()}
    try:
        if act == "solved":
            confirm_solved(**said)
            messages.success(request, _("Thank you. The ticket is closed."))
        elif act == "withdraw":
            withdraw_ticket(**said)
            messages.success(request, _("The ticket is withdrawn."))
        elif not form.is_valid():
            return _ticket_page(request, found, form, status=422, outcome="INVALID")
        elif act == "reopen":
            reopen_ticket(words=form.cleaned_data["words"], **said)
            messages.success(request, _("We go on with it."))
        else:
            add_words(words=form.cleaned_data["words"], **said)
            messages.success(request, _("Your words are added."))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        now_found = ticket_or_404(request, public_id)
        return _ticket_page(request, now_found, ReplyForm(), status=refusal.http_status, outcome=refusal.code)
    return redirect("care:ticket", public_id)


def ticket_or_404(request: SignedInRequest, public_id: str) -> Ticket:
    """Return the ticket an address names.

    :raises Http404: there is none, or it is about a line that is not signed in here.
    """
    try:
        named = PublicId.parse(public_id)
        found = get_ticket(named.account_id, named.row_id)
    except (NotFound, ValueError):
        raise Http404 from None
    if not any(_concerns(found, line) for line in list_signed_in_lines(request)):
        raise Http404
    return found


def _concerns(found: Ticket, line: Line) -> bool:
    return line.account_id == found.account_id and found.line_id in (None, line.id)


def _subject(request: SignedInRequest, about: str) -> Subject | None:
    """Return what `about` names; None where it names nothing.

    :raises Http404: it is not this account's, or another line's.
    """
    if not about:
        return None
    line = request.line
    try:
        kind, subject_id = read_subject(about, account_id=line.account_id)
        found = get_subject(account_id=line.account_id, kind=kind, subject_id=subject_id, language=line.language)
    except NotFound:
        raise Http404 from None
    # Bills and top-ups are the account's; what belongs to one line is for whoever is signed in with it.
    is_of_line = found.kind in (AboutKind.ORDER, AboutKind.CHARGE)
    if is_of_line and found.line_id not in [one.id for one in list_signed_in_lines(request)]:
        raise Http404
    return found


def _open_page(
    request: SignedInRequest, form: OpenTicketForm, about: str, *, status: int = 200, outcome: str = "OK"
) -> HttpResponse:
    subject = _subject(request, about)
    context = {
        "form": form,
        "line": request.line,
        "about": _about_words(subject.kind, subject.name) if subject else "",
    }
    return _page(request, "care/ticket_open.html", context, status, outcome)


def _ticket_page(
    request: SignedInRequest, found: Ticket, form: ReplyForm, *, status: int = 200, outcome: str = "OK"
) -> HttpResponse:
    entries = list_entries(found.account_id, found.id)
    context = {
        "ticket": found,
        "row": _row(found),
        "about": _about_words(AboutKind(found.about_kind), found.about_name) if found.about_kind else "",
        "steps": [_step(entry) for entry in entries if entry.kind != EntryKind.CHANGE],
        "form": form,
        "is_solved": found.state == TicketState.RESOLVED,
        "may_withdraw": found.state in _WITHDRAWABLE,
    }
    return _page(request, "care/ticket.html", context, status, outcome)


def _page(request: SignedInRequest, template: str, context: dict[str, Any], status: int, outcome: str) -> HttpResponse:
    response = render(request, template, context, status=status)
    cast("Any", response).outcome = outcome
    return response


def _row(found: Ticket) -> dict[str, Any]:
    state = TicketState(found.state)
    return {
        "ticket": found,
        "public_id": _public_id(found),
        "kind": found.get_kind_display(),
        "state": state.label,
        "tone": _TONES[state],
        "waits_for_you": state in (TicketState.PENDING, TicketState.RESOLVED),
    }


def _step(entry: TicketEntry) -> dict[str, Any]:
    """Return an entry as the history shows it: who, when, what came of it, and what was said."""
    who = {
        EntryAuthor.LINE: pgettext("who", "You"),
        EntryAuthor.STAFF: pgettext("who", "Customer service"),
        EntryAuthor.PARTNER: pgettext("who", "A partner of ours, for you"),
        EntryAuthor.HALL: pgettext("who", "The hall"),
    }[EntryAuthor(entry.author)]
    state = TicketState(entry.state).label if entry.kind == EntryKind.STEP else ""
    return {"who": who, "at": entry.at, "words": entry.words, "state": state, "is_ours": entry.author == "STAFF"}


def _about_words(kind: AboutKind, name: str) -> str:
    return pgettext("what a ticket is about", "%(kind)s %(name)s") % {"kind": kind.label, "name": name}


def _public_id(found: Ticket) -> str:
    return str(PublicId(found.account_id, found.id))
