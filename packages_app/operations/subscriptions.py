"""What a line gets by a confirmed order, and how it leaves it again."""

import uuid
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from kernel.clock import SHANGHAI, month_of
from kernel.errors import DomainError
from messaging.operations.queue_sms import queue_sms
from messaging.texts import SmsTemplate, day_words
from packages_app.locks import lock_subscription
from packages_app.models import OfferingKind, Order, Recurrence, Subscription, SubscriptionState
from packages_app.operations.buckets import close_buckets, open_buckets
from packages_app.queries.orders import get_order
from packages_app.queries.quotes import get_replaced_id, parse_instant
from packages_app.queries.subscriptions import is_bound
from packages_app.queries.terms import get_name
from packages_app.texts import CHANGE_WITHDRAWN, SUBSCRIPTION_CANCELLED

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
    cure = _("Order another plan to change it. To give up the number, call us or visit a shop.")
    http_status = 409


class Committed(DomainError):
    """A contract binds the customer for some months.

    :ivar until: when the commitment ends.
    """

    code = "COMMITTED"
    message = _("This binds you by contract and cannot be cancelled yet.")
    http_status = 409

    def __init__(self, *, until: datetime) -> None:
        day = {"day": f"{until.astimezone(SHANGHAI):%Y-%m-%d}"}
        super().__init__(
            cure=_("You are bound until %(day)s. Cancel in the month before, and it ends on that day.") % day
        )
        self.until = until


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

    What recurs has no end until it is cancelled; what is paid once lasts for its days, or for the calendar month of
    `now`. A plan ends the one that it replaces at the instant at which it begins.

    :param order: locked, on its way to completion; the subscription gets its id.
    """
    started_at = parse_instant(order.quote["starts_at"]) or now
    replaces_id = get_replaced_id(order.quote)
    if replaces_id is not None:
        _end_replaced_plan(order.account_id, replaces_id, started_at, now)
    subscription = Subscription(
        account_id=order.account_id,
        id=order.id,
        line_id=order.line_id,
        offering_id=order.offering_id,
        terms=order.terms,
        first_month=order.quote["first_month"],
        replaces_id=replaces_id,
        started_at=started_at,
        ends_at=_end_of(order, started_at),
        committed_until=parse_instant(order.quote["committed_until"]),
    )
    subscription.save(force_insert=True)
    open_buckets(subscription=subscription, now=now)
    return subscription


def _end_of(order: Order, started_at: datetime) -> datetime | None:
    if order.terms["recurrence"] == Recurrence.MONTHLY:
        return None
    days = order.terms["validity_days"]
    return started_at + timedelta(days=days) if days else month_of(started_at).ends_at


def _end_replaced_plan(account_id: uuid.UUID, plan_id: uuid.UUID, ends_at: datetime, now: datetime) -> None:
    plan = lock_subscription(account_id=account_id, subscription_id=plan_id)
    plan.ends_at = min(plan.ends_at or ends_at, ends_at)
    if plan.ends_at <= now:
        plan.state = SubscriptionState.ENDED
        close_buckets(subscription=plan, ends_at=plan.ends_at)
    plan.save(update_fields=["ends_at", "state"])


def cancel_subscription(
    *, account_id: uuid.UUID, subscription_id: uuid.UUID, channel: str, now: datetime
) -> Subscription:
    """Leave a recurring service: it lasts to the end of the month that is paid, then nothing is charged any more.

    A plan that has not begun is withdrawn: the plan that it would have replaced goes on as before. Cancelling twice
    changes nothing and sends one text.

    :param channel: where the customer cancelled, a `kernel.channel.Channel` value.
    :return: the subscription with its end.
    :raises NotFound: the account has no such subscription.
    :raises PlanNotCancellable: it is the line's plan.
    :raises EndsByItself: it was paid once.
    :raises AlreadyEnded: it is over.
    :raises Committed: a contract binds beyond the end of this month.
    """
    with transaction.atomic():
        _lock_with_replaced(account_id, subscription_id)
        subscription = lock_subscription(account_id=account_id, subscription_id=subscription_id)
        if subscription.cancelled_at is not None:
            return subscription
        if subscription.started_at > now and subscription.replaces_id is not None:
            return _withdraw(subscription, channel, now)
        if subscription.offering.kind == OfferingKind.PLAN:
            raise PlanNotCancellable
        if subscription.terms["recurrence"] != Recurrence.MONTHLY:
            raise EndsByItself
        if subscription.ends_at is not None and subscription.ends_at <= now:
            raise AlreadyEnded
        if subscription.committed_until is not None and is_bound(subscription, now):
            raise Committed(until=subscription.committed_until)
        paid_until = month_of(now).ends_at
        subscription.ends_at = min(subscription.ends_at or paid_until, paid_until)
        subscription.cancelled_at = now
        subscription.cancelled_channel = channel
        subscription.save(update_fields=["ends_at", "cancelled_at", "cancelled_channel"])
        last_instant = subscription.ends_at - timedelta(microseconds=1)
        _tell(subscription, SUBSCRIPTION_CANCELLED, now, last_day=last_instant)
    return subscription


def _lock_with_replaced(account_id: uuid.UUID, subscription_id: uuid.UUID) -> None:
    """Lock a subscription and the plan that it replaces, sorted by id, as `lock_plans` does."""
    replaced = Subscription.objects.filter(account_id=account_id, id=subscription_id).values_list("replaces_id")
    ids = {subscription_id, *(row[0] for row in replaced if row[0] is not None)}
    locked = Subscription.objects.select_for_update(no_key=True).filter(account_id=account_id, id__in=ids)
    list(locked.order_by("id").values_list("id"))


def _withdraw(plan: Subscription, channel: str, now: datetime) -> Subscription:
    order = get_order(plan.account_id, plan.id)
    kept = lock_subscription(account_id=plan.account_id, subscription_id=cast("uuid.UUID", plan.replaces_id))
    kept.ends_at = parse_instant(order.quote["replaces"]["ended_before"])
    kept.save(update_fields=["ends_at"])
    plan.state = SubscriptionState.WITHDRAWN
    plan.ends_at = plan.started_at
    plan.cancelled_at = now
    plan.cancelled_channel = channel
    plan.save(update_fields=["state", "ends_at", "cancelled_at", "cancelled_channel"])
    _tell(plan, CHANGE_WITHDRAWN, now, kept=kept)
    return plan


def _tell(
    subscription: Subscription,
    template: SmsTemplate,
    now: datetime,
    *,
    last_day: datetime | None = None,
    kept: Subscription | None = None,
) -> None:
    line = get_line(account_id=subscription.account_id, line_id=subscription.line_id)
    queue_sms(
        account_id=subscription.account_id,
        msisdn=line.msisdn,
        template=template,
        language=line.language,
        values={
            "name": get_name(subscription.terms, line.language),
            "last_day": day_words(line.language, last_day) if last_day else "",
            "kept": get_name(kept.terms, line.language) if kept else "",
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
