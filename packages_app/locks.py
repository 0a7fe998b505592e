"""Row locks of this app. An order is locked before the wallet it spends from; two orders of a line by id."""

import uuid
from datetime import datetime

from django.db.models import Q

from kernel.errors import NotFound
from packages_app.models import Offering, OfferingKind, Order, OrderState, Subscription


def lock_order(*, account_id: uuid.UUID, order_id: uuid.UUID) -> Order:
    """Lock an order for the caller's transaction and return it as it stands then.

    :raises NotFound: the account has no such order.
    """
    order = Order.objects.select_for_update(no_key=True).filter(account_id=account_id, id=order_id).first()
    if order is None:
        raise NotFound
    return order


def lock_cart(*, account_id: uuid.UUID, order_id: uuid.UUID) -> list[Order]:
    """Lock an order and all that are confirmed with it, sorted by id, and return them as they stand then.

    :raises NotFound: the account has no such order.
    """
    found = Order.objects.filter(account_id=account_id, id=order_id).values_list("cart_id", flat=True).first()
    if found is None:
        return [lock_order(account_id=account_id, order_id=order_id)]
    return list(
        Order.objects.select_for_update(no_key=True).filter(account_id=account_id, cart_id=found).order_by("id")
    )


def lock_order_unless_busy(*, account_id: uuid.UUID, order_id: uuid.UUID) -> Order | None:
    """Lock an order as `lock_order` does, or return None when somebody else holds it."""
    orders = Order.objects.select_for_update(no_key=True, skip_locked=True)
    return orders.filter(account_id=account_id, id=order_id).first()


def lock_waiting_orders(*, account_id: uuid.UUID, line_id: uuid.UUID) -> list[Order]:
    """Lock all orders of a line that wait for their confirmation, lapsed ones too, sorted by id.

    Whoever confirms one of them holds them all, so that of two confirmations of a line the later sees what the earlier
    brought.
    """
    orders = Order.objects.select_for_update(no_key=True).filter(
        account_id=account_id, line_id=line_id, state=OrderState.AWAITING_CONFIRMATION
    )
    return list(orders.order_by("id"))


def lock_plans(*, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> None:
    """Lock the plans of a line that are in force at `now` or yet to begin, sorted by id."""
    plans = Subscription.objects.select_for_update(of=("self",), no_key=True).filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now),
        account_id=account_id,
        line_id=line_id,
        offering__kind=OfferingKind.PLAN,
    )
    list(plans.order_by("id").values_list("id"))


def lock_subscription(*, account_id: uuid.UUID, subscription_id: uuid.UUID) -> Subscription:
    """Lock a subscription for the caller's transaction and return it with its `offering`, as it stands then.

    :raises NotFound: the account has no such subscription.
    """
    subscription = (
        Subscription.objects.select_for_update(of=("self",), no_key=True)
        .select_related("offering")
        .filter(account_id=account_id, id=subscription_id)
        .first()
    )
    if subscription is None:
        raise NotFound
    return subscription


def lock_catalogue() -> None:
    """Lock what is in the catalogue for the caller's transaction: nobody changes it, orders go on naming it."""
    list(Offering.objects.select_for_update(no_key=True).order_by("code").values_list("code"))
