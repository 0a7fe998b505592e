"""What is free for a while ends by itself: it never turns into a charge without a yes of its own."""

from datetime import timedelta

import pytest

from accounts.models import Line
from billing.models import Charge
from kernel.clock import Month
from packages_app.models import Offering, Subscription
from packages_app.operations.subscriptions import cancel_subscription
from packages_app.operations.turn_month import turn_month
from packages_app.queries.subscriptions import is_subscribed
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import (
    ask_for,
    ask_for_change,
    buy,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
)

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=30)
DECEMBER, JANUARY = Month(2026, 12), Month(2027, 1)


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=100_00)


def turn(month: Month) -> None:
    turn_month(month=month, now=month.starts_at + timedelta(minutes=5))


class TestATrialForSomeDays:
    @pytest.fixture
    def trial(self) -> Offering:
        return make_offering({}, kind="VALUE_ADDED", price_fen=0, recurrence="ONCE", validity_days=30)

    def test_ends_at_its_instant_and_is_charged_nothing_ever(self, line: Line, trial: Offering) -> None:
        order = buy(line, trial)
        subscription = Subscription.objects.get(account_id=line.account_id, id=order.id)
        assert subscription.ends_at == NOW + MONTH
        Offering.objects.filter(code=trial.code).update(price_fen=9_90, recurrence="MONTHLY", validity_days=None)
        turn(DECEMBER)
        turn(JANUARY)
        assert Charge.objects.filter(account_id=line.account_id).count() == 0
        assert wallet_of(line.account_id) == (100_00, 0, 1)
        just_before = NOW + MONTH - timedelta(microseconds=1)
        assert is_subscribed(line.account_id, line.id, trial.code, just_before)
        assert not is_subscribed(line.account_id, line.id, trial.code, NOW + MONTH)

    def test_goes_on_for_money_only_by_an_order_of_its_own(self, line: Line, trial: Offering) -> None:
        buy(line, trial)
        paid = ask_for(line, make_service(), now=NOW + MONTH)
        assert (paid.state, paid.price_fen) == ("AWAITING_CONFIRMATION", 9_90)
        assert Charge.objects.filter(account_id=line.account_id).count() == 0


class TestWhatIsFreeEachMonth:
    def test_stays_free_on_the_terms_that_were_sold(self, line: Line) -> None:
        service = make_service(price_fen=0)
        buy(line, service)
        Offering.objects.filter(code=service.code).update(price_fen=9_90)
        turn(DECEMBER)
        assert Charge.objects.filter(account_id=line.account_id).count() == 0


class TestTheTurnAfterAChangeOfPlan:
    def test_charges_the_new_plan_and_no_longer_the_old(self, line: Line) -> None:
        give_plan(line)
        order = say_yes(ask_for_change(line, make_plan(price_fen=29_00)))
        turn(DECEMBER)
        turn(DECEMBER)
        charge = Charge.objects.get(account_id=line.account_id)
        assert (charge.amount_fen, charge.reason, charge.reason_id) == (29_00, "SUBSCRIPTION", order.id)

    def test_charges_a_plan_that_began_at_once_in_full_from_the_next_month(self, line: Line) -> None:
        give_plan(line)
        order = say_yes(ask_for_change(line, make_plan(price_fen=69_00), start="NOW"))
        turn(DECEMBER)
        charges = Charge.objects.filter(account_id=line.account_id).order_by("charged_at")
        assert [(charge.amount_fen, charge.reason_id) for charge in charges] == [(3_00, order.id), (69_00, order.id)]

    def test_charges_nothing_for_what_was_withdrawn(self, line: Line) -> None:
        from_contract = give_plan(line)
        order = say_yes(ask_for_change(line, make_plan(price_fen=29_00)))
        cancel_subscription(account_id=line.account_id, subscription_id=order.id, channel="WEB", now=NOW)
        turn(DECEMBER)
        charge = Charge.objects.get(account_id=line.account_id)
        assert (charge.amount_fen, charge.reason_id) == (59_00, from_contract.id)
