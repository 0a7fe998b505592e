"""What hubs of customer bills can be told of."""

from datetime import timedelta

from billing.api.customer_bill import CUSTOMER_BILL
from billing.api.customer_bill_management import bill_id
from billing.queries.visible_bills import list_visible_bills
from kernel.rest.event_kinds import EventKind

EVENTS = (
    EventKind(
        resource=CUSTOMER_BILL,
        type="CustomerBillCreateEvent",
        rows=lambda sight: list_visible_bills(sight=sight),
        at="issued_at",
        key=("account_id", "period_date"),
        entity=bill_id,
        # All bills of a run bear the instant at which it began.
        late=timedelta(hours=24),
    ),
)
