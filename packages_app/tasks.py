"""Door for the schedule. Both tasks only tidy: what counts is the instant in the row, compared at every step."""

from celery import shared_task

from kernel.clock import now
from packages_app.operations import orders, subscriptions

ORDERS_AT_ONCE = 500
SUBSCRIPTIONS_AT_ONCE = 10_000


@shared_task(name="packages.expire_orders")
def expire_orders(**_future: object) -> None:
    """End orders that were not confirmed in time."""
    orders.expire_orders(now=now(), limit=ORDERS_AT_ONCE)


@shared_task(name="packages.end_subscriptions")
def end_subscriptions(**_future: object) -> None:
    """Mark subscriptions whose end has passed."""
    subscriptions.end_subscriptions(now=now(), limit=SUBSCRIPTIONS_AT_ONCE)
