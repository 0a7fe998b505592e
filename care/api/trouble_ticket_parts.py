"""What a trouble ticket is made of over REST: its states, kinds, notes and references by their TMF names."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from care.api.target import ABOUT_TYPES, ACCOUNT, NUMBER
from care.models import AboutKind, EntryAuthor, EntryKind, Ticket, TicketEntry, TicketKind, TicketState
from care.operations.ticket_steps import LONGEST_WORDS
from care.queries.tickets import list_entries_of_tickets
from kernel.ids import PublicId
from kernel.phone import national_number
from kernel.rest.renderers import instant_text
from kernel.rest.shapes import Instant, Structure, Text
from kernel.rest.structures import reference

STATUSES: Mapping[str, str] = {
    TicketState.ACKNOWLEDGED: "acknowledged",
    TicketState.IN_PROGRESS: "inProgress",
    TicketState.PENDING: "pending",
    TicketState.HELD: "held",
    TicketState.RESOLVED: "resolved",
    TicketState.CLOSED: "closed",
    TicketState.REJECTED: "rejected",
    TicketState.CANCELLED: "cancelled",
}
STATES: Mapping[str, TicketState] = {name: TicketState(state) for state, name in STATUSES.items()}
PRIORITIES: Mapping[str, str] = {
    TicketKind.COMPLAINT: "High",
    TicketKind.FAULT: "High",
    TicketKind.ENQUIRY: "Medium",
    TicketKind.SUGGESTION: "Low",
}
# What partners call kinds of ours, by a part of the word; anything else is an enquiry.
_CALLED = {
    "compl": TicketKind.COMPLAINT,
    "投诉": TicketKind.COMPLAINT,
    "incident": TicketKind.FAULT,
    "fault": TicketKind.FAULT,
    "故障": TicketKind.FAULT,
    "suggest": TicketKind.SUGGESTION,
}

NOTE = Structure("Note", {"id": Text(), "author": Text(), "date": Instant(), "text": Text(max_length=LONGEST_WORDS)})
STATUS_CHANGE = Structure(
    "StatusChange", {"status": Text(), "changeDate": Instant(), "changeReason": Text(max_length=LONGEST_WORDS)}
)
RELATED_ENTITY = Structure(
    "RelatedEntity",
    {"id": Text(), "href": Text(), "name": Text(), "role": Text(), "@referredType": Text()},
    required=("id", "role", "@referredType"),
)


@dataclass(frozen=True)
class TicketFile:
    """A ticket with its customer and the history that others than staff may read."""

    ticket: Ticket
    customer_id: uuid.UUID
    entries: Sequence[TicketEntry]

    @cached_property
    def steps(self) -> Sequence[TicketEntry]:
        """The entries that changed the state, oldest first."""
        return [entry for entry in self.entries if entry.kind == EntryKind.STEP]


def list_ticket_files(tickets: Sequence[Any]) -> list[TicketFile]:
    """Return tickets (of `list_visible_tickets`) with their histories, in one query."""
    histories = list_entries_of_tickets(tickets)
    return [
        TicketFile(ticket, ticket.customer_id, histories.get((ticket.account_id, ticket.id), ())) for ticket in tickets
    ]


def kind_called(word: str) -> TicketKind:
    """Return the kind that a partner's word stands for."""
    return next((kind for part, kind in _CALLED.items() if part in word.lower()), TicketKind.ENQUIRY)


def type_called(kind: str) -> str:
    """Return what a kind of ours is called over REST."""
    return str(kind).lower()


def status_changes(row: TicketFile) -> list[dict[str, str]]:
    """Return the states that a ticket has been in, with why."""
    return [
        {
            "status": STATUSES[step.state],
            "changeDate": instant_text(step.at),
            **({"changeReason": step.words} if step.words else {}),
        }
        for step in row.steps
    ]


def notes(row: TicketFile) -> list[dict[str, str]]:
    """Return what was said: words of the customer and of partners, answers of staff, who are not named."""
    return [
        {
            "id": str(entry.number),
            "author": str(EntryAuthor(entry.author).label),
            "date": instant_text(entry.at),
            "text": entry.words,
        }
        for entry in row.entries
        if entry.kind in (EntryKind.WORDS, EntryKind.ANSWER)
    ]


def related_entities(row: TicketFile) -> list[dict[str, str]]:
    """Return references to the account, the number, and what it is about."""
    ticket = row.ticket
    entities = [reference(ticket.account_id, ACCOUNT, role="account")]
    if ticket.line_id:
        number = national_number(ticket.msisdn)
        entities.append(reference(number, NUMBER, role="number"))
    if ticket.about_kind and ticket.about_id:
        entities.append(
            reference(
                PublicId(ticket.account_id, ticket.about_id),
                ABOUT_TYPES[AboutKind(ticket.about_kind)],
                name=ticket.about_name,
                role=ticket.about_kind.lower(),
            )
        )
    return entities
