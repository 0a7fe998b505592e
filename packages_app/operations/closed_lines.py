"""Ends what a line has when the line is gone: handed over, or taken back by `accounts.operations.release_lines`."""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Line, LineState
from kernel.channel import Channel
from packages_app.locks import lock_waiting_orders
from packages_app.models import Order, OrderState, Subscription, SubscriptionState
from packages_app.operations.buckets import close_buckets
from packages_app.operations.order_steps import expire_locked_order, fail_locked_order

# Why an order of such a line could not be carried out.
LINE_CLOSED = "LINE_CLOSED"


def end_subscriptions_of_line(*, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> int:
    """End all that a line has at `now`, with its allowances, and withdraw what has not begun; contracts bind no more.

    In the caller's transaction, in which the line leaves. Fees that were charged stay charged.

    :return: how many subscriptions went on until now, or were to begin.
    """
    rows = _going_on(now).filter(account_id=account_id, line_id=line_id)
    subscriptions = list(rows.select_for_update(of=("self",), no_key=True).order_by("id"))
    for subscription in subscriptions:
        has_begun = subscription.started_at < now
        subscription.state = SubscriptionState.ENDED if has_begun else SubscriptionState.WITHDRAWN
        subscription.ends_at = now if has_begun else subscription.started_at
        close_buckets(subscription=subscription, ends_at=subscription.ends_at)
        subscription.save(update_fields=["state", "ends_at"])
    return len(subscriptions)


def end_services_of_closed_line(*, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> int:
    """End what a closed line has and what it ordered; of a line in use nothing. Doing it again changes nothing.

    An order that still waits fails, since nobody can answer for the line any more.

    :return: how many subscriptions and orders were ended.
    """
    with transaction.atomic():
        # Orders before subscriptions, as whoever confirms one locks them.
        orders = lock_waiting_orders(account_id=account_id, line_id=line_id)
        if not Line.objects.filter(account_id=account_id, id=line_id, state=LineState.CLOSED).exists():
            return 0
        for order in orders:
            if order.state_at(now) == OrderState.EXPIRED:
                expire_locked_order(order=order, now=now)
            else:
                fail_locked_order(order=order, failure=LINE_CLOSED, channel=Channel.SYSTEM, now=now)
        return len(orders) + end_subscriptions_of_line(account_id=account_id, line_id=line_id, now=now)


def sweep_closed_lines(*, now: datetime, limit: int) -> int:
    """End what closed lines still have: a notice was lost, or an order was carried out while its line was closed.

    Each line is a transaction of its own.

    :param limit: how many lines at most.
    :return: how many subscriptions and orders were ended.
    """
    waiting = Order.objects.filter(state=OrderState.AWAITING_CONFIRMATION)
    left: set[tuple[uuid.UUID, uuid.UUID]] = set()
    for rows in (_going_on(now), waiting):
        of_closed = rows.filter(line__state=LineState.CLOSED).order_by("account_id", "line_id").distinct()
        left.update(of_closed.values_list("account_id", "line_id")[:limit])
    return sum(
        end_services_of_closed_line(account_id=account_id, line_id=line_id, now=now)
        for account_id, line_id in sorted(left)[:limit]
    )


def _going_on(now: datetime) -> QuerySet[Subscription]:
    return Subscription.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), state=SubscriptionState.ACTIVE)
