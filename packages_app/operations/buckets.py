"""Opens the allowances of a subscription for one cycle."""

import uuid
from datetime import datetime

from kernel.clock import month_of
from packages_app.models import Bucket, Subscription
from packages_app.queries.proration import WHOLE, get_first_share

_NAMESPACE = uuid.UUID("5d8f1c52-5a0b-4f0e-9a39-3f2d0c9b7e61")


def bucket_id(*, subscription_id: uuid.UUID, number: int, starts_at: datetime) -> uuid.UUID:
    """Return the id of the one bucket of a subscription, allowance and cycle, so that opening it again finds it.

    :param number: of the allowance in the subscription's terms.
    :param starts_at: when the bucket becomes valid.
    """
    return uuid.uuid5(_NAMESPACE, f"{subscription_id}|{number}|{starts_at.timestamp():.6f}")


def cycle_of(*, started_at: datetime, ended_at: datetime | None, now: datetime) -> tuple[datetime, datetime] | None:
    """Return when the buckets of a subscription are valid in the calendar month (Asia/Shanghai) of `now`: [from, to).

    :param started_at: of the subscription, `ended_at` its end; None when it has none.
    :return: from the subscription's start or the first of the month, whichever is later, to its end or the first of the
        next month, whichever is earlier; None when it is not in force in this month.
    """
    month = month_of(now)
    starts_at = max(started_at, month.starts_at)
    ends_at = min(ended_at or month.ends_at, month.ends_at)
    return (starts_at, ends_at) if starts_at < ends_at else None


def open_buckets(*, subscription: Subscription, now: datetime) -> list[Bucket]:
    """Open one bucket per allowance in the subscription's terms, valid as `cycle_of` says.

    A bucket never leaves its month. In the month of the beginning it holds the share that the subscription's rule
    gives. Opening a cycle twice changes nothing. Call it in the transaction that activates the subscription.

    :return: the buckets of the cycle; none when nothing is included or the subscription is not in force in this month.
    """
    cycle = cycle_of(started_at=subscription.started_at, ended_at=subscription.ends_at, now=now)
    if cycle is None:
        return []
    starts_at, ends_at = cycle
    begins_now = month_of(subscription.started_at) == month_of(now)
    share = get_first_share(subscription.first_month, subscription.started_at) if begins_now else WHOLE
    buckets = [
        Bucket(
            account_id=subscription.account_id,
            id=bucket_id(subscription_id=subscription.id, number=allowance["number"], starts_at=starts_at),
            line_id=subscription.line_id,
            subscription_id=subscription.id,
            allowance_number=allowance["number"],
            usage_kind=allowance["usage_kind"],
            scope=allowance["scope"],
            scope_value=allowance["scope_value"],
            is_shared=allowance["is_shared"],
            total=share.of(allowance["amount"]),
            starts_at=starts_at,
            ends_at=ends_at,
        )
        for allowance in subscription.terms["allowances"]
    ]
    return Bucket.objects.bulk_create(buckets, ignore_conflicts=True)


def close_buckets(*, subscription: Subscription, ends_at: datetime) -> None:
    """End the allowances of a subscription that is over early: use from then on is no longer theirs.

    Call it in the transaction that ends the subscription, with its lock.

    :param ends_at: the end of the subscription.
    """
    of_it = Bucket.objects.filter(account_id=subscription.account_id, subscription_id=subscription.id)
    of_it.filter(starts_at__gte=ends_at).delete()
    of_it.filter(starts_at__lt=ends_at, ends_at__gt=ends_at).update(ends_at=ends_at)
