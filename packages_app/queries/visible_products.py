"""Reads what lines have, will have and had, of the accounts that a caller of the REST face may see."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Value, When

from accounts.models import LineState
from accounts.queries.customers import list_masked_names
from accounts.queries.visible_accounts import limit_to_visible
from kernel.sight import Sight
from packages_app.models import Subscription, SubscriptionState
from packages_app.queries.terms import get_name, get_summary

# Where a product stands, in the words of TMF637.
PENDING_ACTIVE, ACTIVE, SUSPENDED = "pendingActive", "active", "suspended"
PENDING_TERMINATE, TERMINATED, CANCELLED = "pendingTerminate", "terminated", "cancelled"
STATUSES = (PENDING_ACTIVE, ACTIVE, SUSPENDED, PENDING_TERMINATE, TERMINATED, CANCELLED)


@dataclass(frozen=True, slots=True)
class Product:
    """A subscription as its products are told of.

    :ivar name: as sold, in the caller's language, as `summary`.
    :ivar status: one of `STATUSES`.
    :ivar kind: of the offering.
    :ivar terms: as sold (`packages_app.queries.terms.Terms`).
    :ivar customer_name: masked.
    """

    account_id: uuid.UUID
    subscription_id: uuid.UUID
    offering_code: str
    name: str
    summary: str
    kind: str
    terms: dict[str, Any]
    status: str
    msisdn: str
    replaces_id: uuid.UUID | None
    started_at: datetime
    ends_at: datetime | None
    committed_until: datetime | None
    customer_id: uuid.UUID
    customer_name: str


def list_visible_products(*, sight: Sight, now: datetime) -> QuerySet[Subscription]:
    """Return subscriptions with how they stand at `now`; to be filtered, ordered and cut.

    :return: rows with `product_status`, `msisdn`, `kind` and `customer_id`; `list_products` completes those picked.
    """
    return limit_to_visible(Subscription.objects.all(), sight=sight).annotate(
        msisdn=F("line__msisdn"),
        kind=F("offering__kind"),
        customer_id=F("account__customer_id"),
        product_status=Case(
            When(state=SubscriptionState.WITHDRAWN, then=Value(CANCELLED)),
            When(ends_at__lte=now, then=Value(TERMINATED)),
            When(started_at__gt=now, then=Value(PENDING_ACTIVE)),
            When(line__state=LineState.CLOSED, then=Value(TERMINATED)),
            When(line__state=LineState.SUSPENDED, then=Value(SUSPENDED)),
            When(cancelled_at__isnull=False, then=Value(PENDING_TERMINATE)),
            default=Value(ACTIVE),
            output_field=CharField(),
        ),
    )


def list_products(rows: Sequence[Any], *, language: str) -> list[Product]:
    """Complete picked rows with masked customer names; one query, however many rows."""
    names = list_masked_names({row.customer_id for row in rows})
    return [
        Product(
            account_id=row.account_id,
            subscription_id=row.id,
            offering_code=row.offering_id,
            name=get_name(row.terms, language),
            summary=get_summary(row.terms, language),
            kind=row.kind,
            terms=row.terms,
            status=row.product_status,
            msisdn=row.msisdn,
            replaces_id=row.replaces_id,
            started_at=row.started_at,
            ends_at=row.ends_at,
            committed_until=row.committed_until,
            customer_id=row.customer_id,
            customer_name=names[row.customer_id],
        )
        for row in rows
    ]
