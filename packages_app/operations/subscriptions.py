"""What a line gets by a confirmed order, and how it leaves it again."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from kernel.clock import month_of
from kernel.errors import DomainError
from messaging.operations.queue_sms import queue_sms
from messaging.texts import day_words
from packages_app.locks import lock_subscription
from packages_app.models import OfferingKind, Order, Recurrence, Subscription
from packages_app.operations.buckets import open_buckets
from packages_app.queries.terms import get_name
from packages_app.texts import SUBSCRIPTION_CANCELLED

_END = """
    UPDATE packages_subscription SET state = 'ENDED'
    WHERE state = 'ACTIVE' AND (account_id, id) IN (
        SELECT account_id, id FROM packages_subscription WHERE state = 'ACTIVE' AND ends_at <= %s LIMIT %s
    )
"""


class PlanNotCancellable(DomainError):
    """A line needs a plan; leaving the last one means giving up the number."""

    code = "PLAN_NOT_CANCELLABLE"
    message = _("A plan cannot be cancelled here: a number needs one.")
    cure = _("To change the plan or give up the number, call us or visit a shop.")
    http_status = 409


class EndsByItself(DomainError):
    """It was paid once and recurs never: there is nothing to leave."""

    code = "ENDS_BY_ITSELF"
    message = _("This was paid once and ends by itself; nothing more is charged for it.")
    cure = _("You need not do anything.")
    http_status = 409


class AlreadyEnded(DomainError):
    """It ended before, without being cancelled."""

    code = "ALREADY_ENDED"
    message = _("This has ended already; nothing more is charged for it.")
    cure = _("You need not do anything.")
    http_status = 409


def activate_subscription(*, order: Order, now: datetime) -> Subscription:
    """Give a line what its order says, with the allowances of this month. Part of `confirm_order`, in its transaction.

    What recurs has no end until it is cancelled; what is paid once lasts for the calendar month of `now`.

    :param order: locked, on its way to completion; the subscription gets its id.
    """
    recurs = order.terms["recurrence"] == Recurrence.MONTHLY
    subscription = Subscription(
        account_id=order.account_id,
        id=order.id,
        line_id=order.line_id,
        offering_id=order.offering_id,
        terms=order.terms,
        started_at=now,
        ends_at=None if recurs else month_of(now).ends_at,
    )
    subscription.save(force_insert=True)
    open_buckets(subscription=subscription, now=now)
    return subscription


def cancel_subscription(
    *, account_id: uuid.UUID, subscription_id: uuid.UUID, channel: str, now: datetime
) -> Subscription:
    """Leave a recurring service: it lasts to the end of the month that is paid, then nothing is charged any more.

    Cancelling twice changes nothing and sends one text.

    :param channel: where the customer cancelled, a `kernel.channel.Channel` value.
    :return: the subscription with its end.
    :raises NotFound: the account has no such subscription.
    :raises PlanNotCancellable: it is the line's plan.
    :raises EndsByItself: it was paid once.
    :raises AlreadyEnded: it is over.
    """
    with transaction.atomic():
        subscription = lock_subscription(account_id=account_id, subscription_id=subscription_id)
        if subscription.cancelled_at is not None:
            return subscription
        if subscription.offering.kind == OfferingKind.PLAN:
            raise PlanNotCancellable
        if subscription.terms["recurrence"] != Recurrence.MONTHLY:
            raise EndsByItself
        if subscription.ends_at is not None and subscription.ends_at <= now:
            raise AlreadyEnded
        paid_until = month_of(now).ends_at
        subscription.ends_at = min(subscription.ends_at or paid_until, paid_until)
        subscription.cancelled_at = now
        subscription.cancelled_channel = channel
        subscription.save(update_fields=["ends_at", "cancelled_at", "cancelled_channel"])
        _tell(subscription, subscription.ends_at, now)
    return subscription


def _tell(subscription: Subscription, ends_at: datetime, now: datetime) -> None:
    line = get_line(account_id=subscription.account_id, line_id=subscription.line_id)
    last_instant = ends_at - timedelta(microseconds=1)
    queue_sms(
        account_id=subscription.account_id,
        msisdn=line.msisdn,
        template=SUBSCRIPTION_CANCELLED,
        language=line.language,
        values={
            "name": get_name(subscription.terms, line.language),
            "last_day": day_words(line.language, last_instant),
            "service_number": settings.SERVICE_NUMBER,
        },
        dedup_key=f"subscription-cancelled:{subscription.id}",
        now=now,
    )


def end_subscriptions(*, now: datetime, limit: int) -> int:
    """Mark subscriptions whose end has passed: tidying only, since every query looks at the end itself.

    :param limit: how many at most, in one statement.
    :return: how many were marked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_END, [now, limit])
        return int(cursor.rowcount)
