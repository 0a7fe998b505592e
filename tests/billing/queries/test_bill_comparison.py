import uuid
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Line
from billing.models import BillHead, ChargeReason
from billing.operations.issue_bills import issue_bills
from billing.queries.bill_comparison import BillComparison, get_bill_comparison
from billing.queries.bills import get_bill
from kernel.clock import Month
from tests.factories.billing import make_charge, make_line, opened_long_ago

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)
SERVICE = uuid.uuid4()


@pytest.fixture
def line() -> Line:
    return opened_long_ago(make_line(cash_fen=10_000_00))


def charge(
    line: Line, month: Month, amount_fen: int, reason: ChargeReason = ChargeReason.SUBSCRIPTION, **changes: Any
) -> None:
    """Charge the one service of these tests on the 2nd of a month."""
    at = month.starts_at + timedelta(days=1)
    arguments: dict[str, Any] = {"amount_fen": amount_fen, "now": at, "reason": reason, "reason_id": SERVICE}
    make_charge(line, **{**arguments, **changes})


def compared(line: Line) -> BillComparison:
    """Return November beside October."""
    for month in (OCTOBER, NOVEMBER):
        issue_bills(month=month, now=DECEMBER.starts_at)
    comparison = get_bill_comparison(line.account_id, NOVEMBER)
    assert comparison is not None
    return comparison


def differences(line: Line) -> list[tuple[int, int, int, str]]:
    return [
        (found.before_fen, found.after_fen, found.difference_fen, found.reason.value) for found in compared(line).lines
    ]


class TestGetBillComparison:
    def test_is_none_for_the_first_bill(self, line: Line) -> None:
        issue_bills(month=NOVEMBER, now=DECEMBER.starts_at)
        assert get_bill_comparison(line.account_id, NOVEMBER) is None

    def test_says_nothing_of_what_stays_the_same(self, line: Line) -> None:
        for month in (OCTOBER, NOVEMBER):
            charge(line, month, 59_00)
        assert differences(line) == []
        assert compared(line).difference_fen == 0

    def test_knows_a_service_that_is_new(self, line: Line) -> None:
        charge(line, NOVEMBER, 15_00, ChargeReason.ORDER)
        charge(line, DECEMBER, 15_00)
        assert differences(line) == [(0, 15_00, 15_00, "STARTED")]

    def test_knows_what_was_ordered_and_is_not_known_to_recur(self, line: Line) -> None:
        charge(line, NOVEMBER, 15_00, ChargeReason.ORDER)
        assert differences(line) == [(0, 15_00, 15_00, "ORDERED")]

    def test_knows_the_fee_that_follows_an_order_as_the_same_service(self, line: Line) -> None:
        charge(line, OCTOBER, 15_00, ChargeReason.ORDER)
        charge(line, NOVEMBER, 15_00)
        assert differences(line) == []

    def test_knows_a_service_that_ended(self, line: Line) -> None:
        charge(line, OCTOBER, 15_00)
        assert differences(line) == [(15_00, 0, -15_00, "ENDED")]

    def test_knows_what_was_paid_once_before(self, line: Line) -> None:
        charge(line, OCTOBER, 15_00, ChargeReason.ORDER)
        assert differences(line) == [(15_00, 0, -15_00, "PAID_ONCE_BEFORE")]

    def test_knows_another_fee(self, line: Line) -> None:
        charge(line, OCTOBER, 59_00)
        charge(line, NOVEMBER, 59_01)
        assert differences(line) == [(59_00, 59_01, 1, "FEE_CHANGED")]

    def test_knows_a_service_charged_more_often_or_less(self, line: Line) -> None:
        other = uuid.uuid4()
        for month, times, other_times in ((OCTOBER, 1, 2), (NOVEMBER, 2, 1)):
            for _time in range(times):
                charge(line, month, 5_00)
            for _time in range(other_times):
                charge(line, month, 7_00, reason_id=other, now=month.starts_at + timedelta(days=2))
        assert differences(line) == [(5_00, 10_00, 5_00, "MORE_OFTEN"), (14_00, 7_00, -7_00, "LESS_OFTEN")]

    def test_knows_use_by_its_name_on_each_line(self, line: Line) -> None:
        for month, voice_fen, data_fen in ((OCTOBER, 1_00, 9_00), (NOVEMBER, 3_15, 2_50)):
            for head, amount_fen in ((BillHead.VOICE, voice_fen), (BillHead.DATA, data_fen)):
                charge(line, month, amount_fen, ChargeReason.USAGE, head=head, name=f"{head}", reason_id=uuid.uuid4())
        assert differences(line) == [(1_00, 3_15, 2_15, "USED_MORE"), (9_00, 2_50, -6_50, "USED_LESS")]

    def test_knows_what_was_booked_late(self, line: Line) -> None:
        charge(line, OCTOBER, 59_00)
        issue_bills(month=OCTOBER, now=DECEMBER.starts_at)
        charge(line, OCTOBER, 4_00, now=OCTOBER.ends_at - timedelta(minutes=1))
        charge(line, NOVEMBER, 59_00)
        assert differences(line) == [(0, 4_00, 4_00, "BOOKED_LATE")]
        issue_bills(month=DECEMBER, now=DECEMBER.ends_at)
        comparison = get_bill_comparison(line.account_id, DECEMBER)
        assert comparison is not None
        assert [(found.difference_fen, found.reason.value) for found in comparison.lines] == [
            (-4_00, "BOOKED_LATE_BEFORE"),
            (-59_00, "ENDED"),
        ]

    def test_adds_up_to_the_fen_by_line_head_and_total(self, line: Line) -> None:
        for place, head in enumerate(BillHead):
            charge(line, OCTOBER, 1_03 + place, head=head, reason_id=uuid.uuid4())
            charge(line, NOVEMBER, 7_01 * (place + 1), head=head, reason_id=uuid.uuid4())
        comparison = compared(line)
        assert (comparison.before_fen, comparison.after_fen, comparison.difference_fen) == (7_42, 196_28, 188_86)
        assert [head.difference_fen for head in comparison.heads] == [
            sum(found.difference_fen for found in head.lines) for head in comparison.heads
        ]
        assert sum(head.difference_fen for head in comparison.heads) == 188_86
        assert get_bill(line.account_id, NOVEMBER).total_fen == comparison.after_fen

    def test_leaves_other_accounts_out(self, line: Line) -> None:
        charge(opened_long_ago(make_line(cash_fen=100_00)), NOVEMBER, 15_00)
        assert differences(line) == []

    def test_takes_two_queries(self, line: Line, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        compared(line)
        with django_assert_num_queries(2):
            get_bill_comparison(line.account_id, NOVEMBER)
