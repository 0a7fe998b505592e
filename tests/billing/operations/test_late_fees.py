from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import Line, LineState
from billing.models import BillHead, Charge, ChargeReason
from billing.operations.dues import settle_dues
from billing.operations.issue_bills import MonthNotEnded, issue_bills
from billing.operations.late_fees import charge_late_fees
from billing.queries.audit import list_checks
from kernel.audit import run_check
from kernel.clock import SHANGHAI, Month
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import give_cash, make_charge, make_line, opened_long_ago, wallet_of

pytestmark = pytest.mark.django_db

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (8, 9, 10, 11))
KEY = "late-fee:2026-10"


@pytest.fixture(autouse=True)
def late_fees(settings: Settings) -> None:
    """5 in 10,000 a day, from the eleventh day of the next month."""
    settings.LATE_FEE_PER_TEN_THOUSAND = 5
    settings.LATE_FEE_AFTER_DAYS = 10


def debtor(amount_fen: int = 100_00, *, month: Month = AUGUST, cash_fen: int = 0, **changes: Any) -> Line:
    """Owe a charge of a month that was billed; one of September is late from 11 October."""
    line = opened_long_ago(make_line(cash_fen=cash_fen))
    owe(line, amount_fen, month, **changes)
    issue_bills(month=month, now=month.ends_at)
    return line


def owe(line: Line, amount_fen: int, month: Month, **changes: Any) -> None:
    make_charge(line, amount_fen=amount_fen, may_owe=True, now=month.starts_at + timedelta(days=3), **changes)


def october(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=SHANGHAI)


def run(month: Month = OCTOBER) -> int:
    return charge_late_fees(month=month, now=month.ends_at + timedelta(hours=9))


def fees_of(line: Line) -> list[tuple[str, int]]:
    fees = Charge.objects.filter(account_id=line.account_id, reason=ChargeReason.LATE_FEE).order_by("charge_key")
    return list(fees.values_list("charge_key", "amount_fen"))


class TestChargeLateFees:
    def test_charges_all_late_days_of_the_month_once(self) -> None:
        line = debtor()
        oldest = Charge.objects.get(account_id=line.account_id)
        assert run() == 1
        fee = Charge.objects.get(account_id=line.account_id, reason=ChargeReason.LATE_FEE)
        # 31 days x 10,000 fen x 5 / 10,000
        assert (fee.amount_fen, fee.charge_key, fee.head, fee.name, fee.reason_id, fee.settled_at) == (
            1_55, KEY, BillHead.OTHER, "违约金（2026年10月）", oldest.id, None,
        )  # fmt: skip
        assert [run(), run()] == [0, 0]
        assert fees_of(line) == [(KEY, 1_55)]

    def test_tells_by_the_one_text_of_a_charge(self) -> None:
        line = debtor(cash_fen=99_99)
        run()
        run()
        texts = Sms.objects.filter(account_id=line.account_id, body__contains="违约金")
        assert [(text.kind, "因违约金（2026年10月）扣费1.55元" in text.body) for text in texts] == [
            ("CHARGE_NOTICE", True)
        ]
        assert wallet_of(line.account_id) == (98_44, 0, 2)

    def test_begins_the_day_after_the_due_date(self) -> None:
        # September's bill can be paid until 10 October; 21 days of October are late.
        assert fees_of_after_run(debtor(month=SEPTEMBER)) == [(KEY, 1_05)]

    def test_charges_nothing_before_it_is_late(self) -> None:
        line = debtor(month=SEPTEMBER)
        assert run(SEPTEMBER) == 0
        assert fees_of(line) == []

    def test_charges_nothing_for_what_no_bill_has_shown(self) -> None:
        line = opened_long_ago(make_line())
        owe(line, 100_00, AUGUST)
        assert (run(), fees_of(line)) == (0, [])

    @pytest.mark.parametrize(
        ("paid_at", "fee"),
        [
            (october(1, 0), []),
            (october(1, 23), []),
            (october(2, 0), [(KEY, 5)]),
            (october(31, 23), [(KEY, 1_50)]),
            (OCTOBER.ends_at, [(KEY, 1_55)]),
        ],
    )
    def test_counts_no_day_from_that_of_the_payment_on(self, paid_at: datetime, fee: list[tuple[str, int]]) -> None:
        line = debtor()
        give_cash(line, 100_00)
        settle_dues(account_id=line.account_id, now=paid_at)
        run()
        assert fees_of(line) == fee

    def test_sums_before_it_rounds_half_up_once(self) -> None:
        line = debtor(10)  # 31 days: 0.155 fen
        owe(line, 22_48, AUGUST)  # is on no bill, so not late
        run()
        assert fees_of(line) == []
        other = debtor(33)  # 0.51 fen
        run()
        assert fees_of(other) == [(KEY, 1)]

    def test_adds_up_several_charges(self) -> None:
        line = opened_long_ago(make_line())
        for amount_fen in (50_00, 50_01):
            owe(line, amount_fen, AUGUST)
        owe(line, 10_00, SEPTEMBER)
        for month in (AUGUST, SEPTEMBER):
            issue_bills(month=month, now=month.ends_at)
        run()
        # (10,001 x 31 + 1,000 x 21) x 5 / 10,000 = 165.5
        assert fees_of(line) == [(KEY, 1_66)]

    def test_asks_nothing_for_a_late_fee(self) -> None:
        line = debtor()
        for month in (SEPTEMBER, OCTOBER, NOVEMBER):
            run(month)
            issue_bills(month=month.next, now=month.next.ends_at)
        assert fees_of(line) == [("late-fee:2026-09", 1_00), (KEY, 1_55), ("late-fee:2026-11", 1_50)]

    def test_charges_the_month_once_when_the_clock_jumps_on_and_back(self) -> None:
        line = debtor()
        run(NOVEMBER)
        run(OCTOBER)
        run(NOVEMBER)
        assert fees_of(line) == [(KEY, 1_55), ("late-fee:2026-11", 1_50)]

    def test_goes_on_where_a_run_died(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = [debtor() for _account in range(3)]
        monkeypatch.setattr("billing.operations.late_fees._ACCOUNTS_AT_ONCE", 1)
        real, calls = charge_late_fees.__globals__["charge_accounts"], []

        def die_at_the_second(**arguments: Any) -> Any:
            calls.append(arguments)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return real(**arguments)

        monkeypatch.setattr("billing.operations.late_fees.charge_accounts", die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            run()
        assert sum(len(fees_of(line)) for line in lines) == 1
        assert run() == 2
        assert [fees_of(line) for line in lines] == [[(KEY, 1_55)]] * 3

    def test_leaves_out_who_has_no_line_in_use(self) -> None:
        line = debtor()
        Line.objects.filter(account_id=line.account_id).update(state=LineState.CLOSED)
        assert (run(), fees_of(line)) == (0, [])

    def test_charges_nothing_where_the_operator_asks_for_nothing(self, settings: Settings) -> None:
        settings.LATE_FEE_PER_TEN_THOUSAND = 0
        assert (fees_of_after_run(debtor()), Charge.objects.count()) == ([], 1)

    @pytest.mark.parametrize("rate", [-1, 31])
    def test_refuses_more_than_the_law_allows(self, settings: Settings, rate: int) -> None:
        line = debtor()
        settings.LATE_FEE_PER_TEN_THOUSAND = rate
        with pytest.raises(ImproperlyConfigured, match=r"0\.3 % a day"):
            run()
        assert fees_of(line) == []

    def test_refuses_a_month_that_has_not_ended(self) -> None:
        line = debtor()
        with pytest.raises(MonthNotEnded):
            charge_late_fees(month=OCTOBER, now=OCTOBER.ends_at - timedelta(seconds=1))
        assert fees_of(line) == []


class TestCommand:
    def test_charges_a_month_and_says_how_many(self, capsys: pytest.CaptureFixture[str]) -> None:
        line = debtor()
        call_command("charge_late_fees", period=OCTOBER)
        assert (capsys.readouterr().out, fees_of(line)) == ("1 late fees charged for 2026-10.\n", [(KEY, 1_55)])

    def test_refuses_a_month_to_come(self) -> None:
        with pytest.raises(CommandError):
            call_command("charge_late_fees", period=Month(2999, 1))


class TestAudit:
    def test_finds_a_late_fee_beyond_the_law(self, settings: Settings) -> None:
        settings.LATE_FEE_PER_TEN_THOUSAND, settings.LATE_FEE_AFTER_DAYS = 30, 1
        debtor()
        run()
        check = next(check for check in list_checks() if check.name == "late_fee_within_the_law")
        assert run_check(check).violations == 0
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing_charge SET amount_fen = 931 WHERE reason = 'LATE_FEE'")
        assert run_check(check).violations == 1


@pytest.mark.django_db(transaction=True)
class TestBooks:
    def test_are_in_order_after_late_fees(self) -> None:
        debtor(), debtor(cash_fen=50_00)
        run()
        assert broken_invariants() == {}


def fees_of_after_run(line: Line) -> list[tuple[str, int]]:
    run()
    return fees_of(line)
