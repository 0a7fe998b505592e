"""Reads the orders of the accounts that a caller of the REST face may see: what is confirmed as one is one order."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat

from accounts.models import Line
from accounts.queries.customers import list_masked_names
from accounts.queries.visible_accounts import limit_to_visible
from kernel.sight import Sight
from messaging.models import OUT, Sms
from packages_app.models import Order, OrderState, PartnerOrder

# The words of TMF622 for where an order stands.
ACKNOWLEDGED = "acknowledged"
PENDING = "pending"
COMPLETED = "completed"
CANCELLED = "cancelled"
FAILED = "failed"
ORDER_STATES = (ACKNOWLEDGED, PENDING, COMPLETED, CANCELLED, FAILED)


@dataclass(frozen=True, slots=True)
class VisibleOrder:
    """What one yes confirms.

    :ivar first: the order that gives it its id; `items` is all of the cart, this one among them.
    :ivar state: one of `ORDER_STATES`; `is_lapsed` if that is so because nobody confirmed it in time.
    :ivar asked_by: the partner system that asked for it; None if the customer or staff did.
    :ivar customer_name: masked.
    :ivar language: "zh-hans" or "en", of the names of what was ordered.
    """

    first: Order
    items: Sequence[Order]
    state: str
    is_lapsed: bool
    asked_by: PartnerOrder | None
    msisdn: str
    customer_id: uuid.UUID
    customer_name: str
    language: str


def list_visible_orders(*, sight: Sight, now: datetime) -> QuerySet[Any]:
    """Return the orders of these accounts, of a cart the first; to be filtered, ordered and cut.

    They are annotated with `stands`, their state at `now` in TMF622's words: acknowledged until the text that asks for
    the yes has left, pending from then on.
    """
    lapsed = Q(state=OrderState.AWAITING_CONFIRMATION, expires_at__lte=now)
    over = Q(state__in=(OrderState.REFUSED, OrderState.CANCELLED, OrderState.EXPIRED))
    stands = Case(
        When(state=OrderState.COMPLETED, then=Value(COMPLETED)),
        When(state=OrderState.FAILED, then=Value(FAILED)),
        When(over | lapsed, then=Value(CANCELLED)),
        When(Exists(_texts_that_left()), then=Value(PENDING)),
        default=Value(ACKNOWLEDGED),
        output_field=CharField(),
    )
    return list_visible_first_orders(sight=sight).select_related("account").annotate(stands=stands)


def list_visible_first_orders(*, sight: Sight) -> QuerySet[Order]:
    """Return the same orders as they are; to be filtered, ordered and cut."""
    return limit_to_visible(Order.objects.filter(Q(cart_id__isnull=True) | Q(cart_id=F("id"))), sight=sight)


def list_visible_cancellations(*, sight: Sight) -> QuerySet[PartnerOrder]:
    """Return what partner systems took back of the orders of these accounts; to be filtered, ordered and cut."""
    return limit_to_visible(PartnerOrder.objects.filter(cancelled_at__isnull=False), sight=sight)


def get_external_id_condition(texts: Collection[str]) -> Q:
    """Return the condition that a partner calls an order by one of these numbers."""
    asked = PartnerOrder.objects.filter(account_id=OuterRef("account_id"), order_id=OuterRef("id"))
    return Q(Exists(asked.filter(external_id__in=texts)))


def get_partner_condition(client_ids: Collection[str]) -> Q:
    """Return the condition that one of these partner systems asked for an order."""
    asked = PartnerOrder.objects.filter(account_id=OuterRef("account_id"), order_id=OuterRef("id"))
    return Q(Exists(asked.filter(client_id__in=client_ids)))


def get_offering_condition(codes: Collection[str]) -> Q:
    """Return the condition that one of the things ordered is one of these offerings."""
    mates = Order.objects.filter(
        account_id=OuterRef("account_id"), cart_id=OuterRef("cart_id"), offering_id__in=list(codes)
    )
    return Q(offering_id__in=list(codes)) | Q(Exists(mates))


def list_orders_with_items(firsts: Sequence[Any], *, language: str, now: datetime) -> list[VisibleOrder]:
    """Complete rows of `list_visible_orders`; four queries, however many there are."""
    account_ids = {order.account_id for order in firsts}
    carts: dict[uuid.UUID, list[Order]] = defaultdict(list)
    of_carts = Order.objects.filter(account_id__in=account_ids, cart_id__in=[order.id for order in firsts])
    for mate in of_carts.order_by("id"):
        carts[mate.cart_id or mate.id].append(mate)
    asked = PartnerOrder.objects.filter(account_id__in=account_ids, order_id__in=[order.id for order in firsts])
    asked_by = {found.order_id: found for found in asked}
    lines = Line.objects.filter(account_id__in=account_ids, id__in={order.line_id for order in firsts})
    numbers = dict(lines.values_list("id", "msisdn"))
    names = list_masked_names({order.account.customer_id for order in firsts})
    return [
        VisibleOrder(
            first=order,
            items=carts.get(order.id) or [order],
            state=order.stands,
            is_lapsed=order.state_at(now) == OrderState.EXPIRED,
            asked_by=asked_by.get(order.id),
            msisdn=numbers[order.line_id],
            customer_id=order.account.customer_id,
            customer_name=names[order.account.customer_id],
            language=language,
        )
        for order in firsts
    ]


def _texts_that_left() -> QuerySet[Sms]:
    keys = [
        Concat(Value("order-confirmation:"), Cast(OuterRef("id"), CharField()), Value(f":{number}"))
        for number in range(1, settings.ORDER_TEXTS + 1)
    ]
    return Sms.objects.filter(account_id=OuterRef("account_id"), dedup_key__in=keys, state__in=OUT)
