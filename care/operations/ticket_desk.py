"""What staff do about tickets."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from care.locks import lock_ticket
from care.models import EntryAuthor, EntryKind, Ticket, TicketState
from care.operations.tell_of_ticket import tell_answered, tell_state
from care.operations.ticket_steps import ENDS, Author, TicketEnded, clean_words, take_step, write_entry
from kernel.channel import Channel

BY_HALL = Author(EntryAuthor.HALL, Channel.SYSTEM)


def take_ticket(*, account_id: uuid.UUID, ticket_id: uuid.UUID, staff_id: int, now: datetime) -> Ticket:
    """Take a ticket on, from a colleague too: it is being worked on from now, also if it was put off or waited for
    the customer.

    :raises TicketEnded: it has ended.
    :raises NotFound: the account has no such ticket.
    """
    with transaction.atomic():
        ticket = _taken(account_id, ticket_id, staff_id, now)
        if ticket.state in (TicketState.HELD, TicketState.PENDING):
            take_step(ticket=ticket, state=TicketState.IN_PROGRESS, author=by_staff(staff_id=staff_id), now=now)
    return ticket


def answer_ticket(
    *, account_id: uuid.UUID, ticket_id: uuid.UUID, words: str, asks: bool = False, staff_id: int, now: datetime
) -> Ticket:
    """Answer a customer, who is told by text that there is an answer. Taking the ticket on comes with it.

    :param words: the customer reads them.
    :param asks: the answer asks for something: the ticket waits for the customer.
    :raises WordsMissing: nothing was said.
    :raises WordsTooLong: more than 2000 characters.
    :raises StepNotThere: it asks, and the ticket cannot wait for the customer from where it is.
    :raises TicketEnded: it has ended.
    :raises NotFound: the account has no such ticket.
    """
    cleaned = clean_words(words=words)
    with transaction.atomic():
        ticket = _taken(account_id, ticket_id, staff_id, now)
        author = by_staff(staff_id=staff_id)
        entry = write_entry(ticket=ticket, kind=EntryKind.ANSWER, author=author, words=cleaned, now=now)
        _note_answered(ticket, now)
        if asks:
            step = take_step(ticket=ticket, state=TicketState.PENDING, author=author, now=now)
            tell_state(ticket=ticket, entry=step.number, now=now)
        else:
            tell_answered(ticket=ticket, entry=entry.number, now=now)
    return ticket


def resolve_ticket(*, account_id: uuid.UUID, ticket_id: uuid.UUID, words: str, staff_id: int, now: datetime) -> Ticket:
    """Say what was done about a ticket, and ask the customer whether that solves it.

    :param words: the customer reads them.
    :raises WordsMissing: nothing was said.
    :raises WordsTooLong: more than 2000 characters.
    :raises StepNotThere: it is solved, waits for the customer or is put off.
    :raises TicketEnded: it has ended.
    :raises NotFound: the account has no such ticket.
    """
    return _end_work(account_id, ticket_id, TicketState.RESOLVED, words, staff_id, now)


def reject_ticket(*, account_id: uuid.UUID, ticket_id: uuid.UUID, words: str, staff_id: int, now: datetime) -> Ticket:
    """Not take up a ticket that nobody has begun with: it is the end of it.

    :param words: why; the customer reads them.
    :raises WordsMissing: nothing was said.
    :raises WordsTooLong: more than 2000 characters.
    :raises StepNotThere: it has been begun with.
    :raises NotFound: the account has no such ticket.
    """
    cleaned = clean_words(words=words)
    with transaction.atomic():
        ticket = lock_ticket(account_id=account_id, ticket_id=ticket_id)
        author = by_staff(staff_id=staff_id)
        entry = take_step(ticket=ticket, state=TicketState.REJECTED, author=author, words=cleaned, now=now)
        _note_answered(ticket, now)
        tell_state(ticket=ticket, entry=entry.number, now=now)
    return ticket


def hold_ticket(*, account_id: uuid.UUID, ticket_id: uuid.UUID, words: str, staff_id: int, now: datetime) -> Ticket:
    """Put a ticket off that waits for something out of our hands.

    :param words: for what; the customer reads them.
    :raises WordsMissing: nothing was said.
    :raises WordsTooLong: more than 2000 characters.
    :raises StepNotThere: it is solved, waits for the customer or is put off.
    :raises TicketEnded: it has ended.
    :raises NotFound: the account has no such ticket.
    """
    return _end_work(account_id, ticket_id, TicketState.HELD, words, staff_id, now)


def note_for_staff(*, account_id: uuid.UUID, ticket_id: uuid.UUID, words: str, staff_id: int, now: datetime) -> Ticket:
    """Write a note that only staff see, at any time.

    :raises WordsMissing: nothing was said.
    :raises WordsTooLong: more than 2000 characters.
    :raises NotFound: the account has no such ticket.
    """
    cleaned = clean_words(words=words)
    with transaction.atomic():
        ticket = lock_ticket(account_id=account_id, ticket_id=ticket_id)
        author = by_staff(staff_id=staff_id)
        write_entry(ticket=ticket, kind=EntryKind.NOTE, author=author, words=cleaned, now=now)
    return ticket


def close_solved_tickets(*, now: datetime, limit: int) -> int:
    """Close tickets that were said to be solved so long ago that no word against it is expected any more.

    :param limit: how many at most.
    :return: how many were closed.
    """
    silent = Ticket.objects.filter(
        state=TicketState.RESOLVED, state_at__lte=now - timedelta(days=settings.TICKET_CLOSE_AFTER_DAYS)
    )
    closed = 0
    for account_id, ticket_id in list(silent.order_by("state_at").values_list("account_id", "id")[:limit]):
        with transaction.atomic():
            ticket = lock_ticket(account_id=account_id, ticket_id=ticket_id)
            # The customer may have spoken since it was found.
            is_silent = silent.filter(account_id=account_id, id=ticket_id).exists()
            if is_silent:
                take_step(ticket=ticket, state=TicketState.CLOSED, author=BY_HALL, now=now)
        closed += is_silent
    return closed


def by_staff(*, staff_id: int) -> Author:
    """Return a member of staff as the author of what is done at the desk."""
    return Author(EntryAuthor.STAFF, Channel.HOTLINE, staff_id=staff_id)


def _taken(account_id: uuid.UUID, ticket_id: uuid.UUID, staff_id: int, now: datetime) -> Ticket:
    """Lock a ticket and see to it that it is this person's and has been begun with."""
    ticket = lock_ticket(account_id=account_id, ticket_id=ticket_id)
    if ticket.state in ENDS:
        raise TicketEnded
    if ticket.assigned_to != staff_id:
        ticket.assigned_to = staff_id
        ticket.save(update_fields=["assigned_to"])
    if ticket.state == TicketState.ACKNOWLEDGED:
        take_step(ticket=ticket, state=TicketState.IN_PROGRESS, author=by_staff(staff_id=staff_id), now=now)
    return ticket


def _end_work(
    account_id: uuid.UUID, ticket_id: uuid.UUID, state: TicketState, words: str, staff_id: int, now: datetime
) -> Ticket:
    cleaned = clean_words(words=words)
    with transaction.atomic():
        ticket = _taken(account_id, ticket_id, staff_id, now)
        entry = take_step(ticket=ticket, state=state, author=by_staff(staff_id=staff_id), words=cleaned, now=now)
        _note_answered(ticket, now)
        tell_state(ticket=ticket, entry=entry.number, now=now)
    return ticket


def _note_answered(ticket: Ticket, now: datetime) -> None:
    if ticket.answered_at is None:
        ticket.answered_at = now
        ticket.save(update_fields=["answered_at"])
