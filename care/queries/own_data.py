"""What of this app a customer takes along."""

from collections.abc import Mapping

from django.db import models

from care.models import Ticket, TicketEntry
from kernel.own_data import OwnData

OWN_DATA = [
    OwnData(
        "tickets",
        Ticket,
        (
            *(
                "number",
                "line_id",
                "kind",
                "title",
                "words",
                "severity",
                "state",
                "channel",
                "about_kind",
                "about_name",
            ),
            *("opened_at", "answer_due_at", "solve_due_at", "answered_at", "solved_at", "ended_at"),
        ),
    ),
    OwnData(
        "ticket_entries", TicketEntry, ("ticket_id", "number", "kind", "author", "channel", "state", "words", "at")
    ),
]

LEFT_OUT: Mapping[type[models.Model], str] = {}
