"""What hubs of trouble tickets can be told of."""

from care.api.trouble_ticket import TROUBLE_TICKET
from care.models import EntryKind
from care.queries.visible_tickets import list_visible_entries, list_visible_tickets
from kernel.rest.event_kinds import EventKind

_ENTRY = ("account_id", "ticket_id", "number")

EVENTS = (
    EventKind(
        resource=TROUBLE_TICKET,
        type="TroubleTicketCreateEvent",
        rows=lambda sight: list_visible_tickets(sight=sight),
        at="opened_at",
    ),
    EventKind(
        resource=TROUBLE_TICKET,
        type="TroubleTicketStatusChangeEvent",
        # The first step is the ticket's beginning, which is told already.
        rows=lambda sight: list_visible_entries(sight=sight).filter(kind=EntryKind.STEP, number__gt=1),
        at="at",
        key=_ENTRY,
    ),
    EventKind(
        resource=TROUBLE_TICKET,
        type="TroubleTicketAttributeValueChangeEvent",
        rows=lambda sight: list_visible_entries(sight=sight).exclude(kind=EntryKind.STEP),
        at="at",
        key=_ENTRY,
    ),
)
