"""What a customer does about a ticket of its own, and what a partner does about those it may see."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from care.locks import lock_ticket
from care.models import EntryAuthor, EntryKind, Ticket, TicketState
from care.operations.tell_of_ticket import tell_state
from care.operations.ticket_steps import (
    ENDS,
    Author,
    StepNotThere,
    TicketEnded,
    clean_words,
    take_step,
    write_entry,
)
from kernel.channel import Channel
from kernel.errors import DomainError

# What a partner may word anew in a ticket that it opened.
_CHANGEABLE = frozenset({"title", "words", "severity", "partner_type", "external_id", "wanted_by_at"})


class TicketOfAnother(DomainError):
    """A partner wants to move or change a ticket that it did not open."""

    code = "TICKET_OF_ANOTHER"
    message = _("This ticket was opened elsewhere: you can add a note to it.")
    http_status = 409


def add_words(*, account_id: uuid.UUID, ticket_id: uuid.UUID, words: str, author: Author, now: datetime) -> Ticket:
    """Add words to a ticket that has not ended. If it waits for the customer's, it is worked on again.

    :raises WordsMissing: nothing was said.
    :raises WordsTooLong: more than 2000 characters.
    :raises TicketEnded: the ticket has ended.
    :raises NotFound: the account has no such ticket.
    """
    cleaned = clean_words(words=words)
    with transaction.atomic():
        ticket = lock_ticket(account_id=account_id, ticket_id=ticket_id)
        _add(ticket, cleaned, author, now)
    return ticket


def confirm_solved(*, account_id: uuid.UUID, ticket_id: uuid.UUID, author: Author, now: datetime) -> Ticket:
    """Close a ticket that was said to be solved: the customer agrees. A second yes changes nothing.

    :raises StepNotThere: it is not solved.
    :raises NotFound: the account has no such ticket.
    """
    with transaction.atomic():
        ticket = lock_ticket(account_id=account_id, ticket_id=ticket_id)
        if ticket.state != TicketState.CLOSED:
            take_step(ticket=ticket, state=TicketState.CLOSED, author=author, now=now)
    return ticket


def reopen_ticket(*, account_id: uuid.UUID, ticket_id: uuid.UUID, words: str, author: Author, now: datetime) -> Ticket:
    """Have a ticket worked on again that was said to be solved: it is not.

    :param words: what is still wrong.
    :raises WordsMissing: nothing was said.
    :raises WordsTooLong: more than 2000 characters.
    :raises StepNotThere: it is not in the state "solved".
    :raises NotFound: the account has no such ticket.
    """
    cleaned = clean_words(words=words)
    with transaction.atomic():
        ticket = lock_ticket(account_id=account_id, ticket_id=ticket_id)
        if ticket.state != TicketState.RESOLVED:
            raise StepNotThere(ticket.state, TicketState.IN_PROGRESS)
        take_step(ticket=ticket, state=TicketState.IN_PROGRESS, author=author, words=cleaned, now=now)
    return ticket


def withdraw_ticket(*, account_id: uuid.UUID, ticket_id: uuid.UUID, author: Author, now: datetime) -> Ticket:
    """Withdraw a ticket. A second time changes nothing.

    :raises StepNotThere: it is solved or has ended otherwise.
    :raises NotFound: the account has no such ticket.
    """
    with transaction.atomic():
        ticket = lock_ticket(account_id=account_id, ticket_id=ticket_id)
        if ticket.state != TicketState.CANCELLED:
            take_step(ticket=ticket, state=TicketState.CANCELLED, author=author, now=now)
    return ticket


def change_as_partner(
    *,
    account_id: uuid.UUID,
    ticket_id: uuid.UUID,
    client_id: str,
    state: TicketState | None = None,
    reason: str = "",
    notes: Sequence[str] = (),
    changes: Mapping[str, Any] | None = None,
    now: datetime,
) -> Ticket:
    """Do what a partner asks for about a ticket: add notes to any it may see, move and word anew those it opened.

    What the words were before stands in the entry, so that nothing said is lost.

    :param state: to bring it into, if it is another one.
    :param reason: of that, for the customer to read.
    :param notes: words to add.
    :param changes: of `title words severity partner_type external_id wanted_by_at`.
    :raises TicketOfAnother: more than notes, and another opened the ticket.
    :raises StepNotThere: this state does not follow the one it is in.
    :raises TicketEnded: it has ended.
    :raises WordsMissing: an empty note or description.
    :raises WordsTooLong: more than 2000 characters.
    :raises NotFound: the account has no such ticket.
    """
    author = Author(EntryAuthor.PARTNER, Channel.PARTNER, client_id=client_id)
    wanted = {name: value for name, value in (changes or {}).items() if name in _CHANGEABLE}
    if "words" in wanted:
        wanted["words"] = clean_words(words=wanted["words"])
    cleaned = [clean_words(words=note) for note in notes]
    with transaction.atomic():
        ticket = lock_ticket(account_id=account_id, ticket_id=ticket_id)
        wanted = {name: value for name, value in wanted.items() if value != getattr(ticket, name)}
        moves = state is not None and state != ticket.state
        if (moves or wanted) and ticket.opened_by_client != client_id:
            raise TicketOfAnother
        if wanted:
            _word_anew(ticket, wanted, author, now)
        for note in cleaned:
            _add(ticket, note, author, now)
        # A note may have moved it already.
        if state is not None and state != ticket.state:
            entry = take_step(ticket=ticket, state=state, author=author, words=reason.strip()[:2000], now=now)
            tell_state(ticket=ticket, entry=entry.number, now=now)
    return ticket


def _add(ticket: Ticket, words: str, author: Author, now: datetime) -> None:
    if ticket.state in ENDS:
        raise TicketEnded
    write_entry(ticket=ticket, kind=EntryKind.WORDS, author=author, words=words, now=now)
    if ticket.state == TicketState.PENDING:
        take_step(ticket=ticket, state=TicketState.IN_PROGRESS, author=author, now=now)


def _word_anew(ticket: Ticket, wanted: Mapping[str, Any], author: Author, now: datetime) -> None:
    if ticket.state in ENDS:
        raise TicketEnded
    before = ticket.words if "words" in wanted else ""
    for name, value in wanted.items():
        setattr(ticket, name, value)
    ticket.save(update_fields=list(wanted))
    write_entry(ticket=ticket, kind=EntryKind.CHANGE, author=author, words=before, now=now)
