"""Carts and plan changes of one line from many sides at once. Controls show that the guards are what holds."""

import uuid
from collections import Counter
from datetime import datetime, timedelta

import pytest

from accounts.models import Line
from kernel.audit import run_check
from kernel.channel import Channel
from kernel.errors import DomainError
from messaging.models import Sms
from packages_app.models import Order, OrderState, Subscription
from packages_app.operations import confirm_order as confirming
from packages_app.operations.eligibility import require_eligible
from packages_app.operations.plan_change import get_plan_starts
from packages_app.operations.subscriptions import cancel_subscription
from packages_app.queries.audit import list_checks
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import (
    ask_for,
    ask_for_cart,
    ask_for_change,
    code_of,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
    standing,
    tie,
)
from tests.races import at_once, meet_after, outcomes

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(minutes=1)


def read_waiting_orders(*, account_id: uuid.UUID, line_id: uuid.UUID) -> list[Order]:
    """Read the orders of a line as `lock_waiting_orders` does, without locking them."""
    waiting = Order.objects.filter(account_id=account_id, line_id=line_id, state=OrderState.AWAITING_CONFIRMATION)
    return list(waiting.order_by("id"))


def lock_nothing(*, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> None:
    """Stand in for `lock_plans`."""


def confirm_all_at_once(orders: list[Order]) -> Counter[str]:
    codes = [code_of(order) for order in orders]

    def confirm(number: int) -> str:
        try:
            say_yes(orders[number], code=codes[number], now=LATER)
        except DomainError as refusal:
            return refusal.code
        return "OK"

    return Counter(at_once(confirm, times=len(orders)))


def violations() -> set[str]:
    return {check.name for check in list_checks() if run_check(check).violations}


class TestCartsThatShutEachOtherOut:
    @pytest.fixture
    def carts(self) -> list[Order]:
        """Two carts, by their first orders; something in one excludes something in the other."""
        line = make_line()
        first, second = (make_service(price_fen=0) for _ in range(2))
        tie(first, "EXCLUDES", second)
        return [ask_for_cart(line, wanted, make_offering(price_fen=0, head="DATA"))[0] for wanted in (first, second)]

    def test_one_is_carried_out_and_the_other_refused(self, carts: list[Order]) -> None:
        assert confirm_all_at_once(carts) == {"OK": 1, "EXCLUDED_BY_ANOTHER": 1}
        assert Subscription.objects.filter(account_id=carts[0].account_id).count() == 2
        assert violations() == set()

    def test_control_without_the_locks_both_are(self, carts: list[Order], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(confirming, "lock_waiting_orders", read_waiting_orders)
        monkeypatch.setattr(confirming, "require_eligible", meet_after(require_eligible, times=2))
        assert confirm_all_at_once(carts) == {"OK": 2}
        assert Subscription.objects.filter(account_id=carts[0].account_id).count() == 4


class TestACartAndASingleOrderAtOnce:
    def test_both_are_carried_out_once_while_the_money_lasts(self) -> None:
        line = make_line(cash_fen=14_90)
        single = ask_for(line, make_offering())
        cart = ask_for_cart(line, make_service(), make_offering(price_fen=1))
        codes = [code_of(single), code_of(cart[0])]

        def confirm(number: int) -> None:
            say_yes([single, cart[number % 4 // 2]][number % 2], code=codes[number % 2], now=LATER)

        found = outcomes(confirm, times=32)
        # 5.00 and 9.91 do not both fit into 14.90.
        assert found["OK"] == 1
        assert found["INSUFFICIENT_BALANCE"] == 1
        assert found["ALREADY_CONFIRMED"] + found["ORDER_FAILED"] == 30
        assert wallet_of(line.account_id)[0] in {9_90, 4_99}
        assert violations() == set()


class TestTwoPlanChangesAtOnce:
    @pytest.fixture
    def changes(self) -> list[Order]:
        """One at once, one next month; both wait."""
        line = make_line(cash_fen=500_00)
        give_plan(line)
        return [
            ask_for_change(line, make_plan(price_fen=99_00), start="NOW"),
            ask_for_change(line, make_plan(price_fen=29_00), start="NEXT_MONTH"),
        ]

    def test_one_is_carried_out(self, changes: list[Order]) -> None:
        found = confirm_all_at_once(changes)
        assert found["OK"] == 1
        assert found["TERMS_CHANGED"] + found["PLAN_CHANGE_PENDING"] == 1
        assert Subscription.objects.filter(account_id=changes[0].account_id).count() == 2
        assert violations() == set()

    def test_control_without_the_locks_the_line_gets_two_plans(
        self, changes: list[Order], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(confirming, "lock_waiting_orders", read_waiting_orders)
        monkeypatch.setattr(confirming, "lock_plans", lock_nothing)
        monkeypatch.setattr(confirming, "get_plan_starts", meet_after(get_plan_starts, times=2))
        assert confirm_all_at_once(changes) == {"OK": 2}
        assert "line_has_one_plan_at_a_time" in violations()


class TestWithdrawingWhileAnotherIsConfirmed:
    @staticmethod
    def withdraw(line: Line, order: Order) -> None:
        cancel_subscription(account_id=line.account_id, subscription_id=order.id, channel=Channel.WEB, now=LATER)

    def test_leaves_exactly_one_plan_whoever_comes_first(self) -> None:
        line = make_line(cash_fen=500_00)
        give_plan(line)
        coming = ask_for_change(line, make_plan(price_fen=29_00))
        other = ask_for_change(line, make_plan(price_fen=39_00))
        code = code_of(other)
        say_yes(coming)

        def act(number: int) -> None:
            if number % 2:
                self.withdraw(line, coming)
            else:
                say_yes(other, code=code, now=LATER)

        found = outcomes(act, times=16)
        assert found["OK"] in {8, 9}
        assert violations() == set()
        assert Sms.objects.filter(account_id=line.account_id, kind="PLAN_CHANGE_WITHDRAWN").count() == 1

    def test_many_times_is_once(self) -> None:
        line = make_line()
        plan = give_plan(line)
        coming = say_yes(ask_for_change(line, make_plan(price_fen=29_00)))
        assert outcomes(lambda _number: self.withdraw(line, coming)) == {"OK": 64}
        rows = standing(line.account_id)["subscriptions"]
        assert {row[0]: row[1] for row in rows} == {plan.id: "ACTIVE", coming.id: "WITHDRAWN"}
        assert violations() == set()
