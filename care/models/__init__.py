from care.models.ticket import (
    OPEN_STATES,
    AboutKind,
    Ticket,
    TicketDirectory,
    TicketKind,
    TicketState,
)
from care.models.ticket_entry import EntryAuthor, EntryKind, TicketEntry

__all__ = [
    "OPEN_STATES",
    "AboutKind",
    "EntryAuthor",
    "EntryKind",
    "Ticket",
    "TicketDirectory",
    "TicketEntry",
    "TicketKind",
    "TicketState",
]
