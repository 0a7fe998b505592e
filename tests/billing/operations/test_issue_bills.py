import uuid
from datetime import datetime, timedelta

import pytest

from accounts.models import Account, Line
from billing.models import Adjustment, Bill, BillHead, BillLine, BillRun
from billing.operations.adjustments import approve_adjustment, refuse_adjustment
from billing.operations.issue_bills import MonthNotEnded, issue_bills
from kernel.clock import SHANGHAI, Month
from tests.factories.billing import make_charge, make_line, opened_long_ago, propose

pytestmark = pytest.mark.django_db

OCTOBER = Month(2026, 10)
NOVEMBER = Month(2026, 11)
DECEMBER_1 = datetime(2026, 12, 1, 0, 0, tzinfo=SHANGHAI)


def november(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=SHANGHAI)


def old_line() -> Line:
    """Return a line with money whose account was open before all months of these tests."""
    return opened_long_ago(make_line(cash_fen=1_000_00))


def lines_of(account_id: uuid.UUID, month: Month) -> list[tuple[int, str, int]]:
    rows = BillLine.objects.filter(account_id=account_id, period_date=month.first_date).order_by("number")
    return list(rows.values_list("number", "head", "amount_fen"))


def totals() -> dict[tuple[uuid.UUID, str], int]:
    return {(bill.account_id, str(bill.period_date)): bill.total_fen for bill in Bill.objects.all()}


class TestIssueBills:
    def test_adds_up_the_charges_of_the_month_in_the_order_of_the_heads(self) -> None:
        line = old_line()
        make_charge(line, amount_fen=3_00, now=november(2), head=BillHead.VALUE_ADDED)
        make_charge(line, amount_fen=1, now=november(4), head=BillHead.DATA)
        make_charge(line, amount_fen=59_00, now=november(3))
        make_charge(line, amount_fen=2, now=november(1), head=BillHead.DATA)
        assert issue_bills(month=NOVEMBER, now=DECEMBER_1) == 1
        assert totals() == {(line.account_id, "2026-11-01"): 62_03}
        assert lines_of(line.account_id, NOVEMBER) == [
            (1, "PLAN", 59_00),
            (2, "DATA", 2),
            (3, "DATA", 1),
            (4, "VALUE_ADDED", 3_00),
        ]

    def test_copies_what_a_line_must_say(self) -> None:
        line = old_line()
        made = make_charge(line, amount_fen=6_00, now=november(2), head=BillHead.THIRD_PARTY)
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        row = BillLine.objects.get(account_id=line.account_id)
        assert (row.charge_id, row.line_id, row.msisdn, row.name, row.provider_name) == (
            made.id, line.id, line.msisdn, "THIRD_PARTY 600", "某公司",
        )  # fmt: skip

    def test_cuts_the_month_in_shanghai_half_open(self) -> None:
        line = old_line()
        first, last = NOVEMBER.starts_at, NOVEMBER.ends_at
        second = timedelta(seconds=1)
        for amount_fen, at in ((1_00, first - second), (2_00, first), (4_00, last - second), (8_00, last)):
            make_charge(line, amount_fen=amount_fen, now=at)
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        assert totals() == {(line.account_id, "2026-11-01"): 6_00}

    def test_gives_every_open_account_a_bill_even_without_charges(self) -> None:
        charged, quiet = old_line(), old_line()
        newcomer = old_line()
        Account.objects.filter(id=newcomer.account_id).update(created_at=DECEMBER_1)
        make_charge(charged, amount_fen=1_00, now=november(2))
        assert issue_bills(month=NOVEMBER, now=DECEMBER_1) == 2
        assert totals() == {(charged.account_id, "2026-11-01"): 1_00, (quiet.account_id, "2026-11-01"): 0}

    def test_changes_nothing_when_run_again(self) -> None:
        line = old_line()
        make_charge(line, amount_fen=1_00, now=november(2))
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        before = (totals(), list(BillLine.objects.values()), list(Bill.objects.values()))
        make_charge(line, amount_fen=5_00, now=november(3))
        assert issue_bills(month=NOVEMBER, now=DECEMBER_1 + timedelta(days=1)) == 0
        assert (totals(), list(BillLine.objects.values()), list(Bill.objects.values())) == before

    def test_goes_on_where_a_run_died(self) -> None:
        lines = sorted((old_line() for _ in range(5)), key=lambda line: line.account_id)
        for line in lines:
            make_charge(line, amount_fen=1_00, now=november(2))

        def die_after_two(done: int, accounts: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            issue_bills(month=NOVEMBER, now=DECEMBER_1, chunk_accounts=1, progress=die_after_two)
        assert set(totals()) == {(line.account_id, "2026-11-01") for line in lines[:2]}
        assert BillRun.objects.get().finished_at is None
        assert issue_bills(month=NOVEMBER, now=DECEMBER_1, chunk_accounts=2) == 3
        assert totals() == {(line.account_id, "2026-11-01"): 1_00 for line in lines}
        assert BillRun.objects.get().finished_at == DECEMBER_1

    @pytest.mark.parametrize("chunk_accounts", [1, 2, 3, 100])
    def test_is_the_same_whatever_the_size_of_chunks(self, chunk_accounts: int) -> None:
        lines = [old_line() for _ in range(6)]
        for place, line in enumerate(lines):
            make_charge(line, amount_fen=place + 1, now=november(2))
        seen: list[tuple[int, int]] = []
        issued = issue_bills(
            month=NOVEMBER, now=DECEMBER_1, chunk_accounts=chunk_accounts, progress=lambda *step: seen.append(step)
        )
        assert issued == 6
        assert totals() == {(line.account_id, "2026-11-01"): place + 1 for place, line in enumerate(lines)}
        assert seen[-1] == (6, 6)

    def test_refuses_a_month_that_has_not_ended(self) -> None:
        make_charge(old_line(), amount_fen=1_00, now=november(2))
        with pytest.raises(MonthNotEnded):
            issue_bills(month=NOVEMBER, now=DECEMBER_1 - timedelta(microseconds=1))
        assert (Bill.objects.count(), BillLine.objects.count(), BillRun.objects.count()) == (0, 0, 0)

    def test_bills_a_charge_once_that_was_committed_after_its_month_was_issued(self) -> None:
        line = old_line()
        make_charge(line, amount_fen=1_00, now=OCTOBER.ends_at - timedelta(minutes=2))
        issue_bills(month=OCTOBER, now=OCTOBER.ends_at)
        make_charge(line, amount_fen=2_00, now=OCTOBER.ends_at - timedelta(minutes=1))
        make_charge(line, amount_fen=4_00, now=november(2))
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        assert totals() == {(line.account_id, "2026-10-01"): 1_00, (line.account_id, "2026-11-01"): 6_00}

    def test_shows_what_is_owed_like_what_is_paid(self) -> None:
        line = old_line()
        make_charge(line, amount_fen=9_999_00, now=november(2), may_owe=True)
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        assert totals() == {(line.account_id, "2026-11-01"): 9_999_00}

    def test_leaves_charges_of_a_month_that_was_not_issued_to_that_month(self) -> None:
        line = old_line()
        make_charge(line, amount_fen=1_00, now=OCTOBER.ends_at - timedelta(minutes=2))
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        issue_bills(month=OCTOBER, now=DECEMBER_1)
        assert totals() == {(line.account_id, "2026-10-01"): 1_00, (line.account_id, "2026-11-01"): 0}


class TestAdjustmentsOnBills:
    def post(self, line: Line, amount_fen: int, at: datetime) -> Adjustment:
        adjustment = propose(line, amount_fen, now=at)
        return approve_adjustment(account_id=line.account_id, adjustment_id=adjustment.id, checked_by=2, now=at)

    def test_stand_last_with_their_sign_turned_round(self) -> None:
        line = old_line()
        made = self.post(line, 5_00, november(2))
        self.post(line, -2_00, november(3))
        make_charge(line, amount_fen=1_00, now=november(9), head=BillHead.OTHER)
        make_charge(line, amount_fen=2_00, now=november(9))
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        assert lines_of(line.account_id, NOVEMBER) == [
            (1, "PLAN", 2_00),
            (2, "OTHER", -5_00),
            (3, "OTHER", 2_00),
            (4, "OTHER", 1_00),
        ]
        assert totals() == {(line.account_id, "2026-11-01"): 0}
        row = BillLine.objects.get(account_id=line.account_id, number=2)
        assert (row.charge_id, row.name, row.provider_name, row.line_id, row.msisdn) == (
            made.id, "十月套餐费重复", "", line.id, line.msisdn,
        )  # fmt: skip

    def test_may_bring_a_bill_below_zero(self) -> None:
        line = old_line()
        self.post(line, 5_00, november(2))
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        assert totals() == {(line.account_id, "2026-11-01"): -5_00}

    def test_stand_on_one_bill_the_next_when_they_came_late(self) -> None:
        line = old_line()
        self.post(line, 1_00, OCTOBER.starts_at)
        issue_bills(month=OCTOBER, now=OCTOBER.ends_at)
        self.post(line, 2_00, OCTOBER.starts_at)
        self.post(line, 4_00, november(2))
        self.post(line, 8_00, DECEMBER_1)
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        assert totals() == {(line.account_id, "2026-10-01"): -1_00, (line.account_id, "2026-11-01"): -6_00}

    def test_leave_out_what_was_not_posted(self) -> None:
        line = old_line()
        propose(line, 1_00, now=november(2))
        refused = propose(line, 2_00, now=november(2))
        refuse_adjustment(
            account_id=line.account_id, adjustment_id=refused.id, checked_by=2, refusal="no", now=november(3)
        )
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        assert totals() == {(line.account_id, "2026-11-01"): 0}

    def test_change_nothing_when_the_run_is_repeated(self) -> None:
        line, newcomer = old_line(), old_line()
        Account.objects.filter(id=newcomer.account_id).update(created_at=DECEMBER_1)
        self.post(line, 1_00, november(2))
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        self.post(line, 2_00, november(3))
        opened_long_ago(newcomer)
        self.post(newcomer, 4_00, november(3))
        assert issue_bills(month=NOVEMBER, now=DECEMBER_1) == 1
        assert totals() == {(line.account_id, "2026-11-01"): -1_00, (newcomer.account_id, "2026-11-01"): -4_00}
