"""The tickets that a caller of the REST face may see."""

from django.db.models import F, QuerySet

from accounts.queries.visible_accounts import limit_to_visible
from care.models import EntryKind, Ticket, TicketEntry
from kernel.sight import Sight


def list_visible_tickets(*, sight: Sight) -> QuerySet[Ticket]:
    """Return the tickets of the accounts that the caller may see, each with its customer's id."""
    tickets = Ticket.objects.select_related("line").annotate(customer_id=F("account__customer_id"))
    return limit_to_visible(tickets, sight=sight)


def list_visible_entries(*, sight: Sight) -> QuerySet[TicketEntry]:
    """Return what was said and done about tickets of the accounts that the caller may see, without internal notes."""
    return limit_to_visible(TicketEntry.objects.exclude(kind=EntryKind.NOTE), sight=sight)
