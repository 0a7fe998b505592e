"""Reads what lines have, will have and had, of the accounts that a caller of the REST face may see."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from accounts.models import LineState
from accounts.queries.customers import list_masked_names
from accounts.queries.visible_accounts import limit_to_visible
from kernel.sight import Sight
from packages_app.models import Recurrence, Subscription, SubscriptionState, UsageKind
from packages_app.queries.terms import get_name, get_summary

# Where a product stands, in the words of TMF637.
PENDING_ACTIVE, ACTIVE, SUSPENDED = "pendingActive", "active", "suspended"
PENDING_TERMINATE, TERMINATED, CANCELLED = "pendingTerminate", "terminated", "cancelled"
STATUSES = (PENDING_ACTIVE, ACTIVE, SUSPENDED, PENDING_TERMINATE, TERMINATED, CANCELLED)
RECURRING, ONE_TIME = "recurring", "oneTime"
# Names of characteristics: of every product, and of some.
KIND, NUMBER, CHARGED = "kind", "number", "charged"
POINTS_PRICE, COLLECTED_FOR = "pointsPrice", "collectedFor"


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


def allowance_name(usage_kind: str) -> str:
    """Return the name of the characteristic that says how much of a kind of usage is included."""
    return f"{usage_kind.lower()}Allowance"


def get_characteristic_condition(names: Collection[str]) -> Q:
    """Return the condition that a product has a characteristic of one of these names."""
    having = {
        **dict.fromkeys((KIND, NUMBER, CHARGED), Q()),
        POINTS_PRICE: Q(terms__points_price__gt=0),
        COLLECTED_FOR: ~Q(terms__provider_name=""),
        **{allowance_name(kind): Q(terms__allowances__contains=[{"usage_kind": kind}]) for kind in UsageKind},
    }
    return _any(having[name] for name in names if name in having)


def get_price_type_condition(price_types: Collection[str]) -> Q:
    """Return the condition that a product has a price of one of these types."""
    having = {
        RECURRING: Q(terms__recurrence=Recurrence.MONTHLY),
        ONE_TIME: Q(terms__recurrence=Recurrence.ONCE) | Q(terms__one_off_fen__gt=0),
    }
    return _any(having[price_type] for price_type in price_types if price_type in having)


def _any(conditions: Iterable[Q]) -> Q:
    """Return the condition that one of these holds; of none, none does. The empty one always holds."""
    listed = list(conditions)
    if not all(listed):
        return Q()
    return reduce(or_, listed, Q(pk__in=[]))
