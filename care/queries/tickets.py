"""Reads tickets. The one ownership rule: a ticket is reached through its account."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from care.models import WORK_STATES, EntryKind, Ticket, TicketDirectory, TicketEntry
from kernel.errors import NotFound


def get_ticket(account_id: uuid.UUID, ticket_id: uuid.UUID) -> Ticket:
    """Return a ticket of an account.

    :raises NotFound: the account has no such ticket.
    """
    ticket = Ticket.objects.select_related("line").filter(account_id=account_id, id=ticket_id).first()
    if ticket is None:
        raise NotFound
    return ticket


def list_tickets(account_id: uuid.UUID, *, line_id: uuid.UUID | None = None, limit: int = 50) -> list[Ticket]:
    """Return the latest tickets of an account, newest first.

    :param line_id: those about this line, and those about no line.
    """
    tickets = Ticket.objects.filter(account_id=account_id)
    if line_id is not None:
        tickets = tickets.filter(Q(line_id=line_id) | Q(line_id=None))
    return list(tickets.order_by("-id")[:limit])


def list_entries(account_id: uuid.UUID, ticket_id: uuid.UUID, *, for_staff: bool = False) -> list[TicketEntry]:
    """Return the history of a ticket, oldest first; without internal notes unless it is for staff."""
    return _entries([(account_id, ticket_id)], for_staff=for_staff).get((account_id, ticket_id), [])


def list_entries_of_tickets(tickets: Sequence[Ticket]) -> Mapping[tuple[uuid.UUID, uuid.UUID], list[TicketEntry]]:
    """Return the histories of tickets by account and ticket, without internal notes: one query for all of them."""
    return _entries([(ticket.account_id, ticket.id) for ticket in tickets], for_staff=False)


def get_ticket_key(number: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Return account and id of the ticket with a number, for staff; None if there is none."""
    return TicketDirectory.objects.filter(number=number).values_list("account_id", "ticket_id").first()


def tickets_to_work_on(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Return those of the tickets for which it is our turn."""
    return tickets.filter(state__in=WORK_STATES)


def late_tickets(tickets: QuerySet[Ticket], now: datetime) -> QuerySet[Ticket]:
    """Return those of the tickets for which it is our turn, and the promised time is over."""
    unanswered = Q(answered_at=None, answer_due_at__lt=now)
    return tickets_to_work_on(tickets).filter(unanswered | Q(solve_due_at__lt=now))


def _entries(
    keys: Sequence[tuple[uuid.UUID, uuid.UUID]], *, for_staff: bool
) -> Mapping[tuple[uuid.UUID, uuid.UUID], list[TicketEntry]]:
    found: dict[tuple[uuid.UUID, uuid.UUID], list[TicketEntry]] = defaultdict(list)
    if not keys:
        return found
    entries = TicketEntry.objects.filter(
        account_id__in={account_id for account_id, _ticket in keys}, ticket_id__in={ticket for _account, ticket in keys}
    )
    if not for_staff:
        entries = entries.exclude(kind=EntryKind.NOTE)
    for entry in entries.order_by("account_id", "ticket_id", "number"):
        found[entry.account_id, entry.ticket_id].append(entry)
    return found
