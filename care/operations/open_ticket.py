"""Opens tickets: for customers on their page, for callers at the desk, over REST."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from care.locks import lock_account
from care.models import AboutKind, EntryAuthor, EntryKind, Ticket, TicketDirectory, TicketKind, TicketState
from care.operations.tell_of_ticket import tell_opened
from care.operations.ticket_steps import Author, clean_words, write_entry
from care.queries.subjects import Subject, get_subject
from kernel.clock import SHANGHAI
from kernel.errors import DomainError

DEFAULT_SEVERITY = "Minor"
_TRIES = 20


class TooManyTickets(DomainError):
    """The account has opened as many tickets today as it may."""

    code = "TOO_MANY_TICKETS"
    message = _("You have opened many tickets within a day.")
    cure = _("Add your words to one of them, or call us.")
    http_status = 429


@dataclass(frozen=True, slots=True)
class TicketWish:
    """What somebody asks or complains of.

    :ivar line_id: of the line that it is about; None: the account.
    :ivar about: kind and id of what it came from (`care.queries.subjects`).
    :ivar title: a short name, 100 characters at most, as `partner_type` and `external_id`.
    :ivar severity: in the opener's words, 40 characters at most.
    :ivar wanted_by_at: until when the opener would like it solved.
    """

    kind: TicketKind
    words: str
    line_id: uuid.UUID | None = None
    about: tuple[AboutKind, uuid.UUID] | None = None
    title: str = ""
    severity: str = DEFAULT_SEVERITY
    partner_type: str = ""
    external_id: str = ""
    wanted_by_at: datetime | None = None


def open_ticket(
    *, account_id: uuid.UUID, wish: TicketWish, author: Author, request_key: str, language: str, now: datetime
) -> Ticket:
    """Open a ticket, promise when it is answered and solved, and text its number to the customer.

    :param request_key: of the form or the request; a second one with the same key gets the ticket that is there.
    :param language: in which the name of what it is about is kept.
    :raises WordsMissing: nothing was said.
    :raises WordsTooLong: more than 2000 characters.
    :raises NotFound: the account does not exist, has no such line, or nothing like what it is to be about.
    :raises TooManyTickets: the customer has opened too many within a day.
    """
    words = clean_words(words=wish.words)
    with transaction.atomic():
        lock_account(account_id=account_id)
        there = Ticket.objects.filter(account_id=account_id, request_key=request_key).first()
        if there is not None:
            return there
        if author.kind == EntryAuthor.LINE:
            _require_few(account_id, now)
        subject = None
        if wish.about is not None:
            kind, subject_id = wish.about
            subject = get_subject(account_id=account_id, kind=kind, subject_id=subject_id, language=language)
        line_id = wish.line_id
        if line_id is not None:
            get_line(account_id=account_id, line_id=line_id)
        elif subject is not None:
            line_id = subject.line_id
        ticket = _keep(account_id, line_id, wish, words, subject, author, request_key, now)
        write_entry(ticket=ticket, kind=EntryKind.STEP, author=author, words="", now=now)
        tell_opened(ticket=ticket, now=now)
    return ticket


def _keep(
    account_id: uuid.UUID,
    line_id: uuid.UUID | None,
    wish: TicketWish,
    words: str,
    subject: Subject | None,
    author: Author,
    request_key: str,
    now: datetime,
) -> Ticket:
    answer_hours, solve_hours = _promise(wish.kind)
    ticket = Ticket(
        account_id=account_id,
        line_id=line_id,
        kind=wish.kind,
        title=wish.title,
        words=words,
        severity=wish.severity,
        partner_type=wish.partner_type,
        state=TicketState.ACKNOWLEDGED,
        channel=author.channel,
        about_kind=subject.kind if subject else "",
        about_id=subject.id if subject else None,
        about_name=subject.name[:120] if subject else "",
        opened_by_client=author.client_id,
        external_id=wish.external_id,
        request_key=request_key,
        opened_at=now,
        changed_at=now,
        state_at=now,
        answer_due_at=now + timedelta(hours=answer_hours),
        solve_due_at=now + timedelta(hours=solve_hours),
        wanted_by_at=wish.wanted_by_at,
    )
    ticket.number = _take_number(ticket, now)
    ticket.save(force_insert=True)
    return ticket


def _take_number(ticket: Ticket, now: datetime) -> str:
    """Return a number that no ticket has: the day and six digits that tell nothing of how many there are."""
    for _try in range(_TRIES):
        number = f"{now.astimezone(SHANGHAI):%y%m%d}{secrets.randbelow(1_000_000):06d}"
        try:
            with transaction.atomic():
                TicketDirectory.objects.create(number=number, account_id=ticket.account_id, ticket_id=ticket.id)
        except IntegrityError:
            continue
        return number
    raise RuntimeError("no ticket number is free")


def _promise(kind: TicketKind) -> tuple[int, int]:
    """Return the hours until the first answer and until the solution."""
    if kind == TicketKind.COMPLAINT:
        return settings.COMPLAINT_ANSWER_HOURS, settings.COMPLAINT_SOLVE_HOURS
    return settings.TICKET_ANSWER_HOURS, settings.TICKET_SOLVE_HOURS


def _require_few(account_id: uuid.UUID, now: datetime) -> None:
    lately = Ticket.objects.filter(account_id=account_id, opened_at__gt=now - timedelta(days=1), opened_by_client="")
    if lately.count() >= settings.TICKETS_PER_DAY:
        raise TooManyTickets
