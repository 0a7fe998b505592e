"""What hubs can be told of orders, money on its way, what a wallet holds, and allowances nearly used up."""

import uuid
from typing import Any

from django.db.models import F

from billing.queries.visible_entries import list_visible_entries
from billing.queries.visible_top_ups import list_visible_top_ups
from kernel.ids import PublicId
from kernel.rest.event_kinds import EventKind
from packages_app.api.bucket import BUCKET
from packages_app.api.prepay_balance import wallet_id
from packages_app.api.product_order import PRODUCT_ORDER
from packages_app.api.topup_balance import TOPUP_BALANCE
from packages_app.queries.visible_crossings import list_visible_crossings
from packages_app.queries.visible_orders import list_visible_first_orders


def _bucket_of(account_id: uuid.UUID, bucket_id: uuid.UUID, *_more: Any) -> str:
    return str(PublicId(account_id, bucket_id))


def _percent(_account_id: Any, _bucket_id: Any, _line_id: Any, _cycle: Any, percent: int) -> str:
    return f"{percent} % is used"


EVENTS = (
    EventKind(
        resource=PRODUCT_ORDER,
        type="ProductOrderCreateEvent",
        rows=lambda sight: list_visible_first_orders(sight=sight),
        at="quoted_at",
    ),
    EventKind(
        resource=PRODUCT_ORDER,
        type="ProductOrderStateChangeEvent",
        rows=lambda sight: list_visible_first_orders(sight=sight),
        at="ended_at",
    ),
    EventKind(
        resource=TOPUP_BALANCE,
        type="TopupBalanceCreateEvent",
        rows=lambda sight: list_visible_top_ups(sight=sight),
        at="requested_at",
    ),
    EventKind(
        resource=TOPUP_BALANCE,
        type="TopupBalanceStatusChangeEvent",
        # A partner's own is there and finished at once: the first event says so.
        rows=lambda sight: list_visible_top_ups(sight=sight).filter(finished_at__gt=F("requested_at")),
        at="finished_at",
    ),
    EventKind(
        resource=BUCKET,
        type="BucketAttributeValueChangeEvent",
        rows=lambda sight: list_visible_entries(sight=sight),
        at="posted_at",
        key=("account_id", "version"),
        entity=lambda account_id, _version: wallet_id(account_id),
    ),
    EventKind(
        resource=BUCKET,
        type="BucketThresholdReachedEvent",
        rows=lambda sight: list_visible_crossings(sight=sight),
        at="crossed_at",
        key=("account_id", "bucket_id", "line_id", "cycle_date", "threshold_percent"),
        entity=_bucket_of,
        description=_percent,
    ),
)
