import uuid
from datetime import timedelta

import pytest

from kernel.clock import month_of
from kernel.errors import NotFound
from packages_app.models import Subscription
from packages_app.queries.subscriptions import (
    get_current_plan,
    get_subscription,
    is_cancellable,
    is_subscribed,
    list_subscriptions,
)
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import buy, give_plan, make_offering, make_service

pytestmark = pytest.mark.django_db

NEXT_MONTH = month_of(NOW).ends_at
INSTANT = timedelta(microseconds=1)


class TestListSubscriptions:
    def test_returns_the_plan_first_then_packs_then_services(self) -> None:
        line = make_line(cash_fen=100_00)
        service, pack = buy(line, make_service()), buy(line, make_offering())
        plan = give_plan(line)
        found = list_subscriptions(line.account_id, line.id, NOW)
        assert [item.id for item in found] == [plan.id, pack.id, service.id]

    def test_leaves_out_what_has_not_begun_or_is_over_unswept(self) -> None:
        line = make_line(cash_fen=100_00)
        pack = buy(line, make_offering())
        answers = [
            [item.id for item in list_subscriptions(line.account_id, line.id, at)]
            for at in (NOW - INSTANT, NOW, NEXT_MONTH - INSTANT, NEXT_MONTH)
        ]
        assert answers == [[], [pack.id], [pack.id], []]

    def test_names_the_account(self) -> None:
        line = make_line(cash_fen=100_00)
        buy(line, make_offering())
        assert list_subscriptions(uuid.uuid4(), line.id, NOW) == []


class TestGetCurrentPlan:
    def test_returns_the_plan_of_now(self) -> None:
        line = make_line()
        plan = give_plan(line)
        assert get_current_plan(line.account_id, line.id, NOW) == plan

    def test_returns_none_without_one(self) -> None:
        line = make_line(cash_fen=100_00)
        buy(line, make_service())
        assert get_current_plan(line.account_id, line.id, NOW) is None


class TestIsSubscribed:
    def test_holds_until_the_paid_month_is_over(self) -> None:
        line, service = make_line(cash_fen=100_00), make_service()
        buy(line, service)
        Subscription.objects.update(cancelled_at=NOW, ends_at=NEXT_MONTH)
        answers = [
            is_subscribed(line.account_id, line.id, service.code, at) for at in (NEXT_MONTH - INSTANT, NEXT_MONTH)
        ]
        assert answers == [True, False]


class TestIsCancellable:
    def test_is_what_recurs_and_is_no_plan(self) -> None:
        line = make_line(cash_fen=100_00)
        ids = [buy(line, make_service()).id, buy(line, make_offering()).id, give_plan(line).id]
        found = [get_subscription(line.account_id, subscription_id) for subscription_id in ids]
        assert [is_cancellable(item, NOW) for item in found] == [True, False, False]

    def test_is_over_once_cancelled(self) -> None:
        line = make_line(cash_fen=100_00)
        order = buy(line, make_service())
        Subscription.objects.update(cancelled_at=NOW, ends_at=NEXT_MONTH)
        assert is_cancellable(get_subscription(line.account_id, order.id), NOW) is False


class TestGetSubscription:
    def test_does_not_find_another_accounts(self) -> None:
        line = make_line(cash_fen=100_00)
        order = buy(line, make_service())
        with pytest.raises(NotFound):
            get_subscription(uuid.uuid4(), order.id)
