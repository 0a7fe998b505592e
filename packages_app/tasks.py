"""Door for the schedule. Orders and subscriptions are only tidied: what counts is the instant in the row."""

from celery import shared_task

from kernel.clock import now
from packages_app.operations import orders, subscriptions
from packages_app.operations import remind_of_ends as ending
from packages_app.operations.closed_lines import sweep_closed_lines as sweep_closed
from packages_app.operations.settle_usage_fees import settle_usage_fees as settle_fees
from packages_app.operations.turn_month import SETTLING, turn_month
from packages_app.queries.month_turns import list_months_to_turn

ORDERS_AT_ONCE = 500
SUBSCRIPTIONS_AT_ONCE = 10_000
CLOSED_LINES_AT_ONCE = 500


@shared_task(name="packages.expire_orders")
def expire_orders(**_future: object) -> None:
    """End orders that were not confirmed in time."""
    orders.expire_orders(now=now(), limit=ORDERS_AT_ONCE)


@shared_task(name="packages.end_subscriptions")
def end_subscriptions(**_future: object) -> None:
    """Mark subscriptions whose end has passed."""
    subscriptions.end_subscriptions(now=now(), limit=SUBSCRIPTIONS_AT_ONCE)


@shared_task(name="packages.sweep_closed_lines")
def sweep_closed_lines(**_future: object) -> None:
    """End what closed lines still have."""
    sweep_closed(now=now(), limit=CLOSED_LINES_AT_ONCE)


@shared_task(name="packages.turn_months")
def turn_months(**_future: object) -> None:
    """Turn the months that have begun and were not turned, or not to the end."""
    at = now()
    for month in list_months_to_turn(at):
        if at >= month.starts_at + SETTLING:
            turn_month(month=month, now=at)


@shared_task(name="packages.remind_of_ends")
def remind_of_ends(**_future: object) -> None:
    """Tell of bought data and terms of contracts that end soon."""
    ending.remind_of_ends(now=now())


@shared_task(name="packages.settle_usage_fees")
def settle_usage_fees(**_future: object) -> None:
    """Charge what was used beyond the plan and not charged yet."""
    settle_fees(now=now())
