"""What of this app is kept for how long."""

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from care.models import Ticket, TicketEntry
from kernel.retention import RetentionRule


def list_rules() -> list[RetentionRule]:
    """Return the rules of customer care: what was said in a ticket that ended long ago is forgotten; that there was
    one, and how long it took, stays.
    """
    return [
        RetentionRule(
            "tickets",
            _("What you asked and complained of"),
            settings.TICKET_KEEP_DAYS,
            _tickets,
            blot=(("words", ""), ("title", "")),
        ),
        RetentionRule(
            "ticket_entries",
            _("What was said about it"),
            settings.TICKET_KEEP_DAYS,
            _entries,
            blot=(("words", ""),),
        ),
    ]


def _tickets(before: datetime) -> QuerySet[Ticket]:
    return Ticket.objects.filter(ended_at__lte=before).exclude(Q(words="") & Q(title=""))


def _entries(before: datetime) -> QuerySet[TicketEntry]:
    ended = Ticket.objects.filter(account_id=OuterRef("account_id"), id=OuterRef("ticket_id"), ended_at__lte=before)
    return TicketEntry.objects.filter(Exists(ended)).exclude(words="")
