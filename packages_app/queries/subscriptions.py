"""Reads what lines have. In force is what has begun and has not ended at `now`, whatever a sweeper has tidied."""

import uuid
from datetime import datetime

from django.db.models import Q, QuerySet

from kernel.clock import month_of
from kernel.errors import NotFound
from packages_app.models import OfferingKind, Recurrence, Subscription, SubscriptionState


def get_subscription(account_id: uuid.UUID, subscription_id: uuid.UUID) -> Subscription:
    """Return a subscription of an account, in force or not, with its `offering`.

    :raises NotFound: the account has no such subscription.
    """
    subscription = (
        Subscription.objects.filter(account_id=account_id, id=subscription_id).select_related("offering").first()
    )
    if subscription is None:
        raise NotFound
    return subscription


def list_subscriptions(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> list[Subscription]:
    """Return what a line has at `now` with its `offering`: the plan first, then by kind, oldest first; one query."""
    found = _in_force(account_id, line_id, now).order_by("started_at", "id")
    kinds = OfferingKind.values
    return sorted(found, key=lambda subscription: kinds.index(subscription.offering.kind))


def get_current_plan(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> Subscription | None:
    """Return the plan of a line at `now` with its `offering`, None when it has none."""
    plans = _in_force(account_id, line_id, now).filter(offering__kind=OfferingKind.PLAN)
    return plans.order_by("-started_at").first()


def get_coming_plan(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> Subscription | None:
    """Return the confirmed plan that has not begun at `now`, with its `offering`; None when no change is on its way."""
    return _coming(account_id, line_id, now).filter(offering__kind=OfferingKind.PLAN).first()


def list_coming_subscriptions(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> list[Subscription]:
    """Return what a line confirmed and what has not begun at `now`, with its `offering`, soonest first."""
    return list(_coming(account_id, line_id, now).order_by("started_at", "id"))


def list_withdrawn_ids(account_id: uuid.UUID, line_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the ids, which are those of their orders too, of what a line confirmed and took back before it began."""
    withdrawn = Subscription.objects.filter(account_id=account_id, line_id=line_id, state=SubscriptionState.WITHDRAWN)
    return set(withdrawn.values_list("id", flat=True))


def is_subscribed(account_id: uuid.UUID, line_id: uuid.UUID, offering_code: str, now: datetime) -> bool:
    """Tell whether a line has an offering at `now`, also one that is cancelled and runs out its paid month."""
    return _in_force(account_id, line_id, now).filter(offering_id=offering_code).exists()


def is_cancellable(subscription: Subscription, now: datetime) -> bool:
    """Tell whether a customer can leave a subscription here.

    It recurs and still goes on after `now`, nothing binds it, and it is no plan; or it is a plan that has not begun.
    """
    if subscription.cancelled_at is not None:
        return False
    if subscription.started_at > now:
        return subscription.replaces_id is not None
    return (
        subscription.offering.kind != OfferingKind.PLAN
        and subscription.terms["recurrence"] == Recurrence.MONTHLY
        and (subscription.ends_at is None or now < subscription.ends_at)
        and not is_bound(subscription, now)
    )


def is_bound(subscription: Subscription, now: datetime) -> bool:
    """Tell whether a subscription binds beyond the end of this month, up to which a cancelled one goes on anyway."""
    return subscription.committed_until is not None and subscription.committed_until > month_of(now).ends_at


def _coming(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> QuerySet[Subscription]:
    return Subscription.objects.filter(
        account_id=account_id, line_id=line_id, started_at__gt=now, state=SubscriptionState.ACTIVE
    ).select_related("offering")


def _in_force(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> QuerySet[Subscription]:
    still = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    return Subscription.objects.filter(
        still, account_id=account_id, line_id=line_id, started_at__lte=now
    ).select_related("offering")
