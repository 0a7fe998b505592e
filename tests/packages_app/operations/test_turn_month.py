import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Line, LineState
from billing.models import Charge
from kernel.clock import Month
from messaging.models import Sms
from packages_app.models import Bucket, MonthTurn, Recurrence, Subscription, UsageKind
from packages_app.operations.keep_offering import keep_offering
from packages_app.operations.record_usage import record_usage
from packages_app.operations.subscriptions import cancel_subscription
from packages_app.operations.turn_month import MonthNotBegun, Turned, turn_month
from packages_app.queries.month_turns import is_turned, list_months_to_turn
from tests.books import broken_invariants
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import GB, buy, general_allowances, give_plan, make_offering, make_plan, make_service
from tests.factories.usage import usage

pytestmark = pytest.mark.django_db

NOVEMBER, DECEMBER, JANUARY = Month(2026, 11), Month(2026, 12), Month(2027, 1)
DECEMBER_1 = DECEMBER.starts_at + timedelta(minutes=5)
JANUARY_1 = JANUARY.starts_at + timedelta(minutes=5)


def turn(month: Month = DECEMBER, *, at: datetime = DECEMBER_1, **options: Any) -> Turned:
    return turn_month(month=month, now=at, **options)


def charges(line: Line) -> list[tuple[str, int, str, bool]]:
    rows = Charge.objects.filter(account_id=line.account_id, charged_at__gte=DECEMBER.starts_at)
    return [
        (charge.name, charge.amount_fen, charge.charge_key, charge.settled_at is not None)
        for charge in rows.order_by("charge_key")
    ]


def buckets(line: Line, month: Month = DECEMBER) -> list[tuple[str, int, int, bool, datetime]]:
    rows = Bucket.objects.filter(account_id=line.account_id, starts_at=month.starts_at)
    return [
        (bucket.usage_kind, bucket.total, bucket.used, bucket.carried_from_id is not None, bucket.ends_at)
        for bucket in rows.order_by("usage_kind", "total")
    ]


def kept(offering: Any, **changes: Any) -> Any:
    """Change an offering in the catalogue before it is sold."""
    for name, value in changes.items():
        setattr(offering, name, value)
    amounts = {allowance.usage_kind: allowance.amount for allowance in offering.allowances.all()}
    keep_offering(offering=offering, allowances=general_allowances(amounts), author="", now=NOW)
    return offering


def use(line: Line, amount: int) -> None:
    """Spend of the only data bucket of November."""
    assert record_usage(records=[usage(line, amount, at=NOW)], now=NOW).recorded == 1


def change(line: Line, subscription_id: uuid.UUID, **values: Any) -> None:
    Subscription.objects.filter(account_id=line.account_id, id=subscription_id).update(**values)


class TestTurnMonth:
    def test_charges_each_recurring_fee_once_and_renews_what_it_includes(self) -> None:
        line = make_line(cash_fen=100_00)
        plan = give_plan(line)
        service = buy(line, make_service())
        buy(line, make_offering())
        assert turn() == Turned(buckets=2, settled=2)
        assert charges(line) == sorted(
            [
                ("畅享套餐59元", 59_00, f"fee:{plan.id}:2026-12", True),
                ("听书会员", 9_90, f"fee:{service.id}:2026-12", True),
            ],
            key=lambda charge: charge[2],
        )
        assert wallet_of(line.account_id)[0] == 100_00 - 9_90 - 5_00 - 59_00 - 9_90
        assert buckets(line) == [
            ("DATA", 30 * GB, 0, False, DECEMBER.ends_at),
            ("VOICE", 30_000, 0, False, DECEMBER.ends_at),
        ]
        assert is_turned(DECEMBER)

    def test_tells_each_fee_once_in_the_daytime(self) -> None:
        line = make_line(cash_fen=100_00)
        give_plan(line)
        turn()
        turn()
        told = Sms.objects.get(account_id=line.account_id)
        assert "畅享套餐59元" in told.body
        assert told.due_at == DECEMBER.starts_at + timedelta(hours=7)

    def test_lets_what_the_wallet_does_not_reach_for_be_owed(self) -> None:
        line = make_line(cash_fen=10_00)
        give_plan(line)
        assert turn() == Turned(buckets=2, due=1)
        assert [(amount, settled) for _name, amount, _key, settled in charges(line)] == [(59_00, False)]
        assert wallet_of(line.account_id)[0] == 10_00
        assert len(buckets(line)) == 2

    @pytest.mark.django_db(transaction=True)
    def test_changes_nothing_when_it_is_run_again(self) -> None:
        line = make_line(cash_fen=500_00)
        give_plan(line)
        turn()
        before = (charges(line), buckets(line), wallet_of(line.account_id), Sms.objects.count())
        assert turn(at=DECEMBER_1 + timedelta(hours=9)) == Turned(repeated=1)
        assert (charges(line), buckets(line), wallet_of(line.account_id), Sms.objects.count()) == before
        assert is_turned(DECEMBER)
        assert broken_invariants() == {}

    def test_leaves_what_has_ended_or_was_cancelled(self) -> None:
        line = make_line(cash_fen=100_00)
        cancelled = buy(line, make_service())
        cancel_subscription(account_id=line.account_id, subscription_id=cancelled.id, channel="WEB", now=NOW)
        assert (turn(), charges(line), buckets(line)) == (Turned(), [], [])

    def test_leaves_closed_lines(self) -> None:
        line = make_line(cash_fen=100_00)
        give_plan(line)
        Line.objects.filter(account_id=line.account_id).update(state=LineState.CLOSED)
        assert (turn(), charges(line), buckets(line)) == (Turned(), [], [])

    def test_charges_what_was_ordered_before_to_begin_with_the_month(self) -> None:
        line = make_line(cash_fen=100_00)
        change(line, buy(line, make_service()).id, started_at=DECEMBER.starts_at)
        assert turn() == Turned(settled=1)

    def test_leaves_what_was_ordered_and_charged_in_the_first_instant(self) -> None:
        line = make_line(cash_fen=100_00)
        buy(line, make_service(), now=DECEMBER.starts_at)
        assert (turn(), len(charges(line))) == (Turned(), 1)

    def test_charges_on_the_terms_that_were_sold(self) -> None:
        line = make_line(cash_fen=100_00)
        plan = make_plan()
        give_plan(line, plan)
        kept(plan, price_fen=99_00)
        turn()
        assert [amount for _name, amount, _key, _settled in charges(line)] == [59_00]

    @pytest.mark.django_db(transaction=True)
    def test_carries_general_data_over_for_one_month(self) -> None:
        line = make_line(cash_fen=500_00)
        plan = kept(make_plan({UsageKind.DATA: 30 * GB, UsageKind.VOICE: 600}), carries_over=True)
        give_plan(line, plan)
        turn(NOVEMBER, at=NOW)
        use(line, 10 * GB)
        turn()
        assert buckets(line) == [
            ("DATA", 20 * GB, 0, True, DECEMBER.ends_at),
            ("DATA", 30 * GB, 0, False, DECEMBER.ends_at),
            ("VOICE", 600, 0, False, DECEMBER.ends_at),
        ]
        turn(JANUARY, at=JANUARY_1)
        carried = [total for kind, total, _used, is_carried, _ends in buckets(line, JANUARY) if is_carried]
        assert carried == [30 * GB]
        assert broken_invariants() == {}

    def test_carries_nothing_when_nothing_is_left_or_the_plan_does_not(self) -> None:
        spent, plain = make_line(cash_fen=500_00), make_line(cash_fen=500_00)
        give_plan(spent, kept(make_plan({UsageKind.DATA: 30 * GB}), carries_over=True))
        give_plan(plain, make_plan({UsageKind.DATA: 30 * GB}))
        turn(NOVEMBER, at=NOW)
        use(spent, 30 * GB)
        turn()
        whole = [("DATA", 30 * GB, 0, False, DECEMBER.ends_at)]
        assert (buckets(spent), buckets(plain)) == (whole, whole)

    def test_carries_what_is_valid_beyond_the_month_to_its_end(self) -> None:
        line = make_line(cash_fen=100_00)
        pack = buy(line, make_offering())
        ends_at = DECEMBER.starts_at + timedelta(days=9)
        change(line, pack.id, ends_at=ends_at)
        use(line, GB // 4)
        turn()
        assert buckets(line) == [("DATA", GB - GB // 4, 0, True, ends_at)]

    def test_goes_on_where_a_run_was_cut_off(self) -> None:
        lines = [make_line(cash_fen=100_00) for _ in range(3)]
        for line in lines:
            give_plan(line)
        seen: list[int] = []

        def die(done: int, _accounts: int) -> None:
            seen.append(done)
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            turn(chunk_accounts=1, progress=die)
        assert (seen, is_turned(DECEMBER), list_months_to_turn(DECEMBER_1)) == ([1, 2], False, [DECEMBER])
        assert turn(chunk_accounts=1) == Turned(buckets=2, settled=1)
        assert [len(charges(line)) for line in lines] == [1, 1, 1]
        assert is_turned(DECEMBER)

    @pytest.mark.parametrize("early", [timedelta(days=1), timedelta(seconds=1), timedelta(seconds=-59)])
    def test_refuses_a_month_that_has_not_begun(self, early: timedelta) -> None:
        line = make_line(cash_fen=100_00)
        give_plan(line)
        with pytest.raises(MonthNotBegun):
            turn(at=DECEMBER.starts_at - early)
        assert (charges(line), buckets(line), MonthTurn.objects.count()) == ([], [], 0)

    def test_asks_the_same_number_of_queries_however_many_lines_there_are(
        self, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(20):
            give_plan(make_line(cash_fen=100_00))
        with django_assert_max_num_queries(32):
            turned = turn()
        assert turned == Turned(buckets=40, settled=20)

    def test_skips_no_account_that_is_charged_nothing(self) -> None:
        line = make_line(cash_fen=100_00)
        buy(line, make_offering(recurrence=Recurrence.MONTHLY, price_fen=0))
        assert (turn(), charges(line)) == (Turned(buckets=1), [])


class TestListMonthsToTurn:
    def test_begins_with_the_current_month(self) -> None:
        assert list_months_to_turn(NOW) == [NOVEMBER]

    def test_names_every_month_that_was_missed(self) -> None:
        MonthTurn.objects.create(period_date=Month(2026, 9).first_date, started_at=NOW, finished_at=NOW)
        assert list_months_to_turn(NOW) == [Month(2026, 10), NOVEMBER]

    def test_is_empty_when_all_is_done(self) -> None:
        turn(NOVEMBER, at=NOW)
        assert list_months_to_turn(NOW) == []
