"""Reads orders. The one ownership rule: an order is reached through its account."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.db.models.functions import TruncDate

from kernel.clock import SHANGHAI
from kernel.day_counts import DayCounts, group_by_day
from kernel.errors import NotFound
from packages_app.models import Order, OrderEvidence, OrderState


def get_order(account_id: uuid.UUID, order_id: uuid.UUID) -> Order:
    """Return an order of an account.

    :raises NotFound: the account has no such order.
    """
    order = Order.objects.filter(account_id=account_id, id=order_id).first()
    if order is None:
        raise NotFound
    return order


def list_orders_of_line(account_id: uuid.UUID, line_id: uuid.UUID, limit: int = 50) -> list[Order]:
    """Return the latest orders of a line, newest first."""
    return list(Order.objects.filter(account_id=account_id, line_id=line_id).order_by("-quoted_at", "-id")[:limit])


def list_waiting_orders(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> list[Order]:
    """Return the orders of a line that can still be confirmed at `now`, oldest first."""
    waiting = Order.objects.filter(
        account_id=account_id, line_id=line_id, state=OrderState.AWAITING_CONFIRMATION, expires_at__gt=now
    )
    return list(waiting.order_by("quoted_at", "id"))


def count_waiting_orders_by_channel(now: datetime) -> list[tuple[str, int]]:
    """Return (channel, orders) of all that can still be confirmed at `now`, the most first."""
    waiting = Order.objects.filter(state=OrderState.AWAITING_CONFIRMATION, expires_at__gt=now)
    rows = waiting.values_list("channel").order_by("channel").annotate(Count("id"))
    return sorted(rows, key=lambda pair: -pair[1])


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """Orders of a span of time by day: by what became of them, and those carried out by channel."""

    by_state: DayCounts
    completed_by_channel: DayCounts


def count_orders(starts_at: datetime, ends_at: datetime) -> OrderCounts:
    """Count the orders asked for within [starts_at, ends_at), in one look at them."""
    rows = Order.objects.filter(quoted_at__gte=starts_at, quoted_at__lt=ends_at)
    by_day = rows.values_list("state", "channel", TruncDate("quoted_at", tzinfo=SHANGHAI)).order_by("state")
    counts = list(by_day.annotate(Count("id")))
    completed = OrderState.COMPLETED
    return OrderCounts(
        by_state=group_by_day((state, day, count) for state, _channel, day, count in counts),
        completed_by_channel=group_by_day(
            (channel, day, count) for state, channel, day, count in counts if state == completed
        ),
    )


def list_orders_of_cart(order: Order) -> list[Order]:
    """Return an order and all that are confirmed with it, in the order they were put in the cart."""
    if order.cart_id is None:
        return [order]
    return list(Order.objects.filter(account_id=order.account_id, cart_id=order.cart_id).order_by("id"))


def group_by_cart(orders: Iterable[Order]) -> list[list[Order]]:
    """Return orders in the groups that one yes confirms, in the order in which each group is met first."""
    groups: dict[uuid.UUID, list[Order]] = {}
    for order in orders:
        groups.setdefault(order.cart_id or order.id, []).append(order)
    return list(groups.values())


def get_order_evidence(account_id: uuid.UUID, order_id: uuid.UUID) -> list[OrderEvidence]:
    """Return every step of an order's proof, in order. For people, `queries.order_proof` shows it."""
    return list(OrderEvidence.objects.filter(account_id=account_id, order_id=order_id).order_by("number"))
