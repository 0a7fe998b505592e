from care.models.site import CLOSED, HOURS, Site, SiteKind, SiteState
from care.models.ticket import (
    OPEN_STATES,
    WORK_STATES,
    AboutKind,
    Ticket,
    TicketDirectory,
    TicketKind,
    TicketState,
)
from care.models.ticket_entry import EntryAuthor, EntryKind, TicketEntry

__all__ = [
    "CLOSED",
    "HOURS",
    "OPEN_STATES",
    "WORK_STATES",
    "AboutKind",
    "EntryAuthor",
    "EntryKind",
    "Site",
    "SiteKind",
    "SiteState",
    "Ticket",
    "TicketDirectory",
    "TicketEntry",
    "TicketKind",
    "TicketState",
]
