import uuid
from datetime import timedelta

import pytest

from kernel.channel import Channel
from kernel.clock import SHANGHAI
from kernel.errors import NotFound
from messaging.models import Sms
from packages_app.models import Subscription
from packages_app.operations.subscriptions import (
    AlreadyEnded,
    EndsByItself,
    PlanNotCancellable,
    cancel_subscription,
    end_subscriptions,
)
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import buy, give_plan, make_offering, make_service, standing

pytestmark = pytest.mark.django_db


def cancel(subscription: Subscription, *, channel: str = Channel.WEB, after: timedelta = timedelta()) -> Subscription:
    return cancel_subscription(
        account_id=subscription.account_id, subscription_id=subscription.id, channel=channel, now=NOW + after
    )


def make_subscription() -> Subscription:
    line = make_line(cash_fen=100_00)
    order = buy(line, make_service())
    return Subscription.objects.get(account_id=line.account_id, id=order.id)


class TestCancelSubscription:
    def test_keeps_the_month_that_is_paid(self) -> None:
        subscription = make_subscription()
        cancel(subscription, after=timedelta(hours=1))
        subscription.refresh_from_db()
        assert (subscription.state, subscription.cancelled_channel) == ("ACTIVE", "WEB")
        assert subscription.cancelled_at == NOW + timedelta(hours=1)
        assert subscription.ends_at is not None
        assert subscription.ends_at.astimezone(SHANGHAI).isoformat() == "2026-12-01T00:00:00+08:00"

    def test_moves_no_money_and_no_allowance(self) -> None:
        subscription = make_subscription()
        before = standing(subscription.account_id)
        cancel(subscription)
        after = standing(subscription.account_id)
        assert {name for name in before if before[name] != after[name]} == {"subscriptions", "texts"}

    def test_confirms_by_text(self) -> None:
        subscription = make_subscription()
        cancel(subscription)
        sms = Sms.objects.get(account_id=subscription.account_id, kind="SUBSCRIPTION_CANCELLED")
        assert sms.body == (
            "【和风通信】您已退订“听书会员”，可继续使用至11月30日24时，之后不再扣费。如非本人操作，请致电10086。"
        )

    def test_changes_nothing_the_second_time(self) -> None:
        subscription = make_subscription()
        cancel(subscription)
        before = standing(subscription.account_id)
        again = cancel(subscription, channel=Channel.SMS, after=timedelta(days=40))
        assert (again.cancelled_at, again.cancelled_channel) == (NOW, "WEB")
        assert standing(subscription.account_id) == before

    def test_refuses_a_plan(self) -> None:
        plan = give_plan(make_line())
        before = standing(plan.account_id)
        with pytest.raises(PlanNotCancellable):
            cancel(plan)
        assert standing(plan.account_id) == before

    def test_refuses_what_was_paid_once(self) -> None:
        line = make_line(cash_fen=100_00)
        order = buy(line, make_offering())
        before = standing(line.account_id)
        with pytest.raises(EndsByItself):
            cancel(Subscription.objects.get(account_id=line.account_id, id=order.id))
        assert standing(line.account_id) == before

    def test_refuses_what_ended_before(self) -> None:
        subscription = make_subscription()
        Subscription.objects.filter(account_id=subscription.account_id).update(ends_at=NOW + timedelta(days=1))
        before = standing(subscription.account_id)
        with pytest.raises(AlreadyEnded):
            cancel(subscription, after=timedelta(days=1))
        assert standing(subscription.account_id) == before

    def test_does_not_find_another_accounts_subscription(self) -> None:
        subscription = make_subscription()
        before = standing(subscription.account_id)
        with pytest.raises(NotFound):
            cancel_subscription(account_id=uuid.uuid4(), subscription_id=subscription.id, channel=Channel.WEB, now=NOW)
        assert standing(subscription.account_id) == before


class TestEndSubscriptions:
    def test_marks_what_is_over_and_leaves_the_rest(self) -> None:
        kept, left = make_subscription(), make_subscription()
        left = cancel(left)
        assert left.ends_at is not None
        assert end_subscriptions(now=left.ends_at - timedelta(microseconds=1), limit=10) == 0
        assert end_subscriptions(now=left.ends_at, limit=10) == 1
        assert end_subscriptions(now=left.ends_at, limit=10) == 0
        kept.refresh_from_db()
        left.refresh_from_db()
        assert (kept.state, left.state) == ("ACTIVE", "ENDED")

    def test_stops_at_its_limit(self) -> None:
        ends = {cancel(make_subscription()).ends_at for _ in range(3)}
        (ends_at,) = ends
        assert ends_at is not None
        assert end_subscriptions(now=ends_at, limit=2) == 2
        assert end_subscriptions(now=ends_at, limit=2) == 1
