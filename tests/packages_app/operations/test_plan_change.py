from datetime import datetime, timedelta

import pytest

from accounts.models import Line
from billing.models import Charge
from kernel.audit import run_check
from kernel.channel import Channel
from kernel.clock import SHANGHAI
from messaging.models import Sms
from packages_app.models import Bucket, Offering, Order, Subscription
from packages_app.operations.confirm_order import TermsChanged
from packages_app.operations.eligibility import AlreadySubscribed, BalanceTooLow
from packages_app.operations.orders import quote_again
from packages_app.operations.plan_change import (
    PLAN_REFUSALS,
    PlanBound,
    PlanChangeElsewhere,
    PlanChangePending,
    StartNotPossible,
)
from packages_app.operations.subscriptions import PlanNotCancellable, cancel_subscription
from packages_app.queries.audit import list_checks
from packages_app.queries.subscriptions import get_coming_plan, get_current_plan
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import (
    GB,
    ask_for_change,
    buy,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
    standing,
)

pytestmark = pytest.mark.django_db

DECEMBER = datetime(2026, 12, 1, tzinfo=SHANGHAI)
LATER = NOW + timedelta(minutes=3)
DAY = timedelta(days=1)


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=200_00)


@pytest.fixture
def old(line: Line) -> Subscription:
    """A plan of 59 yuan with 30 GB, had since January, with this month's allowance."""
    plan = give_plan(line, make_plan({"DATA": 30 * GB}))
    Bucket.objects.create(
        account_id=line.account_id,
        line_id=line.id,
        subscription_id=plan.id,
        usage_kind="DATA",
        total=30 * GB,
        used=4 * GB,
        starts_at=datetime(2026, 11, 1, tzinfo=SHANGHAI),
        ends_at=DECEMBER,
    )
    return plan


@pytest.fixture
def dearer() -> Offering:
    return make_plan({"DATA": 60 * GB}, price_fen=99_00, name_zh="畅享套餐99元", name_en="Breeze 99")


@pytest.fixture
def cheaper() -> Offering:
    return make_plan({"DATA": 10 * GB}, price_fen=29_00, name_zh="畅享套餐29元", name_en="Breeze 29")


def plan_at(line: Line, instant: datetime) -> str:
    plan = get_current_plan(line.account_id, line.id, instant)
    assert plan is not None
    return plan.offering_id


def cancel(subscription_id: object, line: Line, now: datetime = LATER) -> Subscription:
    return cancel_subscription(
        account_id=line.account_id,
        subscription_id=subscription_id,  # type: ignore[arg-type]
        channel=Channel.WEB,
        now=now,
    )


def violations() -> list[str]:
    return [check.name for check in list_checks() if run_check(check).violations]


class TestChangingNextMonth:
    def test_ends_the_old_plan_when_the_new_one_begins(self, line: Line, old: Subscription, cheaper: Offering) -> None:
        say_yes(ask_for_change(line, cheaper), now=LATER)
        old.refresh_from_db()
        assert (old.ends_at, old.state) == (DECEMBER, "ACTIVE")
        last = DECEMBER - timedelta(microseconds=1)
        assert (plan_at(line, last), plan_at(line, DECEMBER)) == (old.offering_id, cheaper.code)
        assert violations() == []

    def test_moves_no_money_and_no_allowance_before(self, line: Line, old: Subscription, cheaper: Offering) -> None:
        say_yes(ask_for_change(line, cheaper), now=LATER)
        assert wallet_of(line.account_id) == (200_00, 0, 1)
        bucket = Bucket.objects.get(account_id=line.account_id)
        assert (bucket.subscription_id, bucket.ends_at) == (old.id, DECEMBER)

    def test_is_what_a_dearer_plan_does_unless_asked_otherwise(
        self, line: Line, old: Subscription, dearer: Offering
    ) -> None:
        order = ask_for_change(line, dearer)
        assert (order.quote["start"], order.price_fen) == ("NEXT_MONTH", 0)

    def test_is_told_in_the_text(self, line: Line, old: Subscription, cheaper: Offering) -> None:
        ask_for_change(line, cheaper)
        text = Sms.objects.get(account_id=line.account_id).body
        assert "“畅享套餐29元”：本次不扣费，12月1日起每月29.00元，原套餐“畅享套餐59元”同时终止，生效前可撤回。" in text

    def test_waits_for_its_yes_no_longer_than_the_month(self, line: Line, old: Subscription, cheaper: Offering) -> None:
        order = ask_for_change(line, cheaper, now=DECEMBER - timedelta(minutes=30))
        assert order.expires_at == DECEMBER

    def test_keeps_other_changes_away_until_it_has_begun(
        self, line: Line, old: Subscription, cheaper: Offering, dearer: Offering
    ) -> None:
        say_yes(ask_for_change(line, cheaper))
        before = standing(line.account_id)
        with pytest.raises(PlanChangePending):
            ask_for_change(line, dearer)
        assert standing(line.account_id) == before
        assert ask_for_change(line, dearer, now=DECEMBER).quote["replaces"]["name_zh"] == "畅享套餐29元"

    def test_of_two_that_wait_takes_one(
        self, line: Line, old: Subscription, cheaper: Offering, dearer: Offering
    ) -> None:
        first, second = ask_for_change(line, cheaper), ask_for_change(line, dearer)
        say_yes(first)
        with pytest.raises(PlanChangePending):
            say_yes(second)
        second.refresh_from_db()
        assert (second.state, second.failure) == ("FAILED", "PLAN_CHANGE_PENDING")
        assert Subscription.objects.filter(account_id=line.account_id).count() == 2


class TestWithdrawingAChange:
    def test_leaves_the_old_plan_as_it_was(self, line: Line, old: Subscription, cheaper: Offering) -> None:
        order = say_yes(ask_for_change(line, cheaper))
        withdrawn = cancel(order.id, line)
        old.refresh_from_db()
        assert (old.ends_at, old.state) == (None, "ACTIVE")
        assert (withdrawn.state, withdrawn.ends_at, withdrawn.cancelled_at) == ("WITHDRAWN", DECEMBER, LATER)
        assert (plan_at(line, DECEMBER), get_coming_plan(line.account_id, line.id, LATER)) == (old.offering_id, None)
        assert wallet_of(line.account_id) == (200_00, 0, 1)
        assert violations() == []

    def test_tells_the_customer_once(self, line: Line, old: Subscription, cheaper: Offering) -> None:
        order = say_yes(ask_for_change(line, cheaper))
        cancel(order.id, line)
        cancel(order.id, line)
        text = Sms.objects.get(account_id=line.account_id, kind="PLAN_CHANGE_WITHDRAWN")
        assert "您已撤回改订“畅享套餐29元”，“畅享套餐59元”继续有效" in text.body

    def test_lets_another_be_ordered(self, line: Line, old: Subscription, cheaper: Offering, dearer: Offering) -> None:
        cancel(say_yes(ask_for_change(line, cheaper)).id, line)
        say_yes(ask_for_change(line, dearer, now=LATER), now=LATER)
        assert plan_at(line, DECEMBER) == dearer.code
        assert violations() == []

    def test_comes_too_late_once_it_has_begun(self, line: Line, old: Subscription, cheaper: Offering) -> None:
        order = say_yes(ask_for_change(line, cheaper))
        before = standing(line.account_id)
        with pytest.raises(PlanNotCancellable):
            cancel(order.id, line, now=DECEMBER)
        assert standing(line.account_id) == before


class TestChangingAtOnce:
    def test_charges_the_difference_for_the_days_that_are_left(
        self, line: Line, old: Subscription, dearer: Offering
    ) -> None:
        order = say_yes(ask_for_change(line, dearer, start="NOW"), now=LATER)
        charge = Charge.objects.get(account_id=line.account_id)
        assert (charge.amount_fen, charge.reason_id, charge.name) == (12_00, order.id, "畅享套餐99元")
        assert wallet_of(line.account_id) == (188_00, 0, 2)
        old.refresh_from_db()
        assert (old.ends_at, old.state) == (LATER, "ENDED")
        assert (plan_at(line, LATER - timedelta(microseconds=1)), plan_at(line, LATER)) == (
            old.offering_id,
            dearer.code,
        )

    def test_replaces_the_allowance_without_doubling_it(self, line: Line, old: Subscription, dearer: Offering) -> None:
        order = say_yes(ask_for_change(line, dearer, start="NOW"), now=LATER)
        rows = Bucket.objects.filter(account_id=line.account_id).order_by("starts_at")
        assert [(row.subscription_id, row.total, row.used, row.ends_at) for row in rows] == [
            (old.id, 30 * GB, 4 * GB, LATER),
            (order.id, 18 * GB, 0, DECEMBER),
        ]
        assert violations() == []

    def test_says_in_the_text_what_is_charged_and_given_back(
        self, line: Line, old: Subscription, dearer: Offering
    ) -> None:
        ask_for_change(line, dearer, start="NOW")
        assert (
            "本次扣12.00元（本月剩余9天按天计29.70元，已抵扣原套餐剩余天数17.70元），之后每月1日99.00元，确认后立即生效，"
            "原套餐“畅享套餐59元”同时终止。"
        ) in Sms.objects.get(account_id=line.account_id).body

    def test_is_not_for_a_plan_that_costs_no_more(self, line: Line, old: Subscription, cheaper: Offering) -> None:
        before = standing(line.account_id)
        for plan in (cheaper, make_plan(price_fen=59_00)):
            with pytest.raises(StartNotPossible):
                ask_for_change(line, plan, start="NOW")
        assert standing(line.account_id) == before

    def test_needs_the_difference_only(self, old: Subscription, line: Line, dearer: Offering) -> None:
        poor = make_line(cash_fen=12_00)
        give_plan(poor, old.offering)
        say_yes(ask_for_change(poor, dearer, start="NOW"))
        assert wallet_of(poor.account_id) == (0, 0, 2)
        poorer = make_line(cash_fen=11_99)
        give_plan(poorer, old.offering)
        with pytest.raises(BalanceTooLow):
            ask_for_change(poorer, dearer, start="NOW")

    def test_quoted_today_cannot_be_confirmed_tomorrow(self, line: Line, old: Subscription, dearer: Offering) -> None:
        order = ask_for_change(line, dearer, start="NOW")
        assert order.expires_at == NOW + timedelta(hours=2)
        evening = ask_for_change(line, make_plan(price_fen=199_00), start="NOW", now=NOW + timedelta(hours=9))
        assert evening.expires_at == datetime(2026, 11, 23, tzinfo=SHANGHAI)

    def test_is_quoted_anew_when_the_old_plan_changed_between(
        self, line: Line, old: Subscription, dearer: Offering
    ) -> None:
        largest = make_plan(price_fen=199_00)
        order, other = ask_for_change(line, largest, start="NOW"), ask_for_change(line, dearer, start="NOW")
        say_yes(other, now=LATER)
        after = LATER + timedelta(minutes=1)
        with pytest.raises(TermsChanged) as refusal:
            say_yes(order, now=after)
        assert refusal.value.order_id == order.id
        fresh = quote_again(account_id=line.account_id, order_id=order.id, channel=Channel.WEB, now=after)
        assert (fresh.quote["replaces"]["name_en"], fresh.quote["start"]) == ("Breeze 99", "NOW")
        # 59.70 for nine days, less the 29.70 that 12.00 and the rest of the first plan paid.
        assert (fresh.quote["fee_fen"], fresh.quote["credit_fen"], fresh.price_fen) == (59_70, 29_70, 30_00)


class TestRefusals:
    def test_names_the_plan_that_the_line_has(self, line: Line, old: Subscription) -> None:
        with pytest.raises(AlreadySubscribed):
            ask_for_change(line, old.offering)

    def test_a_first_plan_begins_at_once_by_its_own_rule(self, line: Line) -> None:
        plan = make_plan(price_fen=29_00, first_month="BY_DAYS")
        with pytest.raises(StartNotPossible):
            ask_for_change(line, plan, start="NEXT_MONTH")
        assert ask_for_change(line, plan).price_fen == 8_70

    def test_what_is_no_plan_begins_when_it_is_confirmed(self, line: Line) -> None:
        with pytest.raises(StartNotPossible):
            ask_for_change(line, make_offering(), start="NEXT_MONTH")

    def test_a_fee_at_the_start_is_not_for_next_month(self, line: Line, old: Subscription) -> None:
        with pytest.raises(PlanChangeElsewhere):
            ask_for_change(line, make_plan(price_fen=29_00, one_off_fen=10_00))
        assert ask_for_change(line, make_plan(price_fen=99_00, one_off_fen=10_00)).price_fen == 22_00

    def test_a_device_contract_keeps_a_cheaper_plan_away_until_it_ends(
        self, line: Line, old: Subscription, cheaper: Offering, dearer: Offering
    ) -> None:
        buy(line, make_service(kind="DEVICE_CONTRACT", commitment_months=2))
        before = standing(line.account_id)
        with pytest.raises(PlanBound) as refusal:
            ask_for_change(line, cheaper)
        assert standing(line.account_id) == before
        assert refusal.value.until == datetime(2027, 1, 1, tzinfo=SHANGHAI)
        assert "2027-01-01" in str(refusal.value)
        assert ask_for_change(line, dearer).state == "AWAITING_CONFIRMATION"
        # In its last month the next one is free.
        assert ask_for_change(line, cheaper, now=DECEMBER + DAY).state == "AWAITING_CONFIRMATION"

    def test_a_plan_that_binds_is_kept_whatever_the_other_costs(self, line: Line, dearer: Offering) -> None:
        buy(line, make_plan(commitment_months=3))
        with pytest.raises(PlanBound):
            ask_for_change(line, dearer)
        january = datetime(2027, 1, 15, tzinfo=SHANGHAI)
        assert ask_for_change(line, dearer, now=january).quote["start"] == "NEXT_MONTH"
        with pytest.raises(StartNotPossible):
            ask_for_change(line, make_plan(price_fen=199_00), start="NOW", now=january)

    @pytest.mark.parametrize("refusal", PLAN_REFUSALS)
    def test_are_explained_without_their_details(self, refusal: type[Exception]) -> None:
        assert refusal.message  # type: ignore[attr-defined]
        assert refusal.cure  # type: ignore[attr-defined]

    def test_a_change_is_not_a_charge_before_its_yes(self, line: Line, old: Subscription, dearer: Offering) -> None:
        ask_for_change(line, dearer, start="NOW")
        assert Order.objects.get(account_id=line.account_id).state == "AWAITING_CONFIRMATION"
        assert Charge.objects.filter(account_id=line.account_id).count() == 0
        assert plan_at(line, DECEMBER) == old.offering_id
