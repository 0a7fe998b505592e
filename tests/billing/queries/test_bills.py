from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Line
from billing.models import BillHead
from billing.operations.issue_bills import issue_bills
from billing.queries.bills import get_bill, list_bills
from kernel.clock import SHANGHAI, Month
from kernel.errors import NotFound
from tests.factories.billing import make_charge, make_line, opened_long_ago

pytestmark = pytest.mark.django_db

OCTOBER = Month(2026, 10)
NOVEMBER = Month(2026, 11)
DECEMBER_1 = datetime(2026, 12, 1, tzinfo=SHANGHAI)


def november(day: int) -> datetime:
    return datetime(2026, 11, day, 12, tzinfo=SHANGHAI)


def old_line() -> Line:
    return opened_long_ago(make_line(cash_fen=1_000_00))


class TestGetBill:
    def test_has_all_seven_heads_in_order_and_adds_up(self) -> None:
        line = old_line()
        make_charge(line, amount_fen=59_00, now=november(1))
        make_charge(line, amount_fen=6_01, now=november(2), head=BillHead.THIRD_PARTY)
        make_charge(line, amount_fen=99, now=november(3), head=BillHead.THIRD_PARTY)
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        bill = get_bill(line.account_id, NOVEMBER)
        assert [(head.place, head.head.value, head.amount_fen) for head in bill.heads] == [
            (1, "PLAN", 59_00),
            (2, "VOICE", 0),
            (3, "DATA", 0),
            (4, "MESSAGES", 0),
            (5, "VALUE_ADDED", 0),
            (6, "THIRD_PARTY", 7_00),
            (7, "OTHER", 0),
        ]
        assert (bill.total_fen, sum(head.amount_fen for head in bill.heads)) == (66_00, 66_00)
        assert [(row.number, row.amount_fen, row.provider_name) for row in bill.lines] == [
            (1, 59_00, ""),
            (2, 6_01, "某公司"),
            (3, 99, "某公司"),
        ]

    def test_adds_up_for_each_number(self) -> None:
        line = old_line()
        make_charge(line, amount_fen=59_00, now=november(1))
        make_charge(line, amount_fen=1_00, now=november(1), msisdn="+8613000000000", head=BillHead.DATA)
        make_charge(line, amount_fen=2_00, now=november(2), msisdn="+8613000000000", head=BillHead.VOICE)
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        assert get_bill(line.account_id, NOVEMBER).numbers == (("+8613000000000", 3_00), (line.msisdn, 59_00))

    def test_reads_a_bill_in_two_queries(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        line = old_line()
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        with django_assert_num_queries(2):
            get_bill(line.account_id, NOVEMBER)

    def test_knows_no_bill_of_another_month_or_account(self) -> None:
        line, stranger = old_line(), old_line()
        issue_bills(month=NOVEMBER, now=DECEMBER_1)
        with pytest.raises(NotFound):
            get_bill(line.account_id, Month(2026, 9))
        assert get_bill(stranger.account_id, NOVEMBER).account_id == stranger.account_id


class TestListBills:
    def test_lists_the_newest_first_and_no_more_than_asked(self) -> None:
        line = old_line()
        make_charge(line, amount_fen=1_00, now=november(1))
        for month in (OCTOBER, NOVEMBER, Month(2026, 9)):
            issue_bills(month=month, now=DECEMBER_1)
        assert [(str(bill.month), bill.total_fen) for bill in list_bills(line.account_id, 2)] == [
            ("2026-11", 1_00),
            ("2026-10", 0),
        ]
