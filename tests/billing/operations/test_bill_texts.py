"""The texts that `issue_bills` queues."""

import uuid
from datetime import datetime, timedelta

import pytest

from accounts.models import Line, LineState
from billing.models import BillRun
from billing.operations.adjustments import approve_adjustment
from billing.operations.bill_texts import queue_bill_texts
from billing.operations.issue_bills import issue_bills
from kernel.clock import SHANGHAI, Month
from messaging.models import Sms
from tests.factories.billing import make_charge, make_line, opened_long_ago, propose

pytestmark = pytest.mark.django_db

NOVEMBER = Month(2026, 11)
NOON = datetime(2026, 12, 1, 12, tzinfo=SHANGHAI)


def old_line(language: str = "zh-hans") -> Line:
    return opened_long_ago(make_line(cash_fen=10_000_00, language=language))


def texts() -> list[tuple[str, str, str]]:
    """Return (number, kind, words) of every text about a bill."""
    rows = Sms.objects.filter(kind__startswith="BILL_").order_by("msisdn", "queued_at")
    return list(rows.values_list("msisdn", "kind", "body"))


class TestQueueBillTexts:
    def test_says_month_total_and_where_to_look_in_the_language_of_the_line(self) -> None:
        chinese, english = old_line(), old_line("en")
        make_charge(chinese, amount_fen=59_01, now=NOVEMBER.starts_at)
        issue_bills(month=NOVEMBER, now=NOON)
        assert texts() == [
            (
                chinese.msisdn,
                "BILL_READY",
                "【和风通信】2026年11月账单已出，合计59.01元。请登录网上营业厅，在“账单”中查看每项费用及其变化原因。",
            ),
            (
                english.msisdn,
                "BILL_READY",
                (
                    "[Hefeng Telecom] Your bill of Nov 2026 is ready: 0.00 yuan. See each charge and what changed in"
                    " the online hall, under Bills."
                ),
            ),
        ]

    def test_tells_once_however_often_the_run_is_repeated(self) -> None:
        old_line()
        for days in range(3):
            issue_bills(month=NOVEMBER, now=NOON + timedelta(days=days))
        assert [kind for _number, kind, _words in texts()] == ["BILL_READY"]

    @pytest.mark.parametrize(("hour", "due"), [(0, 7), (6, 7), (12, 12)])
    def test_waits_for_the_end_of_the_quiet_hours(self, hour: int, due: int) -> None:
        old_line()
        issue_bills(month=NOVEMBER, now=NOON.replace(hour=hour))
        assert [sms.due_at for sms in Sms.objects.filter(kind="BILL_READY")] == [NOON.replace(hour=due)]

    def test_goes_to_the_oldest_line_in_use(self) -> None:
        closed = old_line()
        for number in (2, 3):
            Line.objects.create(account_id=closed.account_id, msisdn=f"+861300000000{number}", activated_at=NOON)
        Line.objects.filter(account_id=closed.account_id, id=closed.id).update(state=LineState.CLOSED)
        issue_bills(month=NOVEMBER, now=NOON)
        assert [number for number, _kind, _words in texts()] == ["+8613000000002"]

    def test_tells_nobody_where_no_line_is_in_use(self) -> None:
        line = old_line()
        Line.objects.filter(account_id=line.account_id).update(state=LineState.CLOSED)
        assert issue_bills(month=NOVEMBER, now=NOON) == 1
        assert texts() == []

    def test_warns_of_a_bill_more_than_five_times_the_average(self) -> None:
        line = old_line()
        for month, amount_fen in ((8, 10_00), (9, 10_01), (10, 10_01), (11, 50_04)):
            make_charge(line, amount_fen=amount_fen, now=Month(2026, month).starts_at)
        for month in (8, 9, 10, 11):
            issue_bills(month=Month(2026, month), now=NOON)
        assert sorted(kind for _number, kind, _words in texts()) == ["BILL_READY"] * 3 + ["BILL_UNUSUAL"]
        assert [words for _number, kind, words in texts() if kind == "BILL_UNUSUAL"] == [
            (
                "【和风通信】2026年11月账单已出，合计50.04元，超过前三个月平均10.01元的五倍。"
                "请登录网上营业厅，在“账单”中查看每项费用及其变化原因，如有疑问请与我们联系。"
            )
        ]

    def test_leaves_months_to_the_system_they_came_from(self) -> None:
        old_line()
        issue_bills(month=NOVEMBER, now=NOON, tells_customers=False)
        assert texts() == []

    def test_holds_to_what_the_first_run_of_a_month_said(self) -> None:
        old_line()
        issue_bills(month=NOVEMBER, now=NOON, tells_customers=False)
        old_line()
        assert issue_bills(month=NOVEMBER, now=NOON) == 1
        assert (texts(), BillRun.objects.get().tells_customers) == ([], False)

    def test_says_so_when_corrections_bring_a_bill_below_zero(self) -> None:
        line = old_line()
        adjustment = propose(line, 5_05)
        approve_adjustment(
            account_id=line.account_id, adjustment_id=adjustment.id, checked_by=2, now=NOVEMBER.starts_at
        )
        issue_bills(month=NOVEMBER, now=NOON)
        assert "合计-5.05元" in texts()[0][2]

    def test_tells_of_no_bill_that_was_issued_before(self) -> None:
        line = old_line()
        issue_bills(month=NOVEMBER, now=NOON)
        first, last = uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)
        Sms.objects.filter(account_id=line.account_id).delete()
        later = NOON + timedelta(days=1)
        assert queue_bill_texts(month=NOVEMBER, after=first, until=last, issued_at=later) == 0
        assert queue_bill_texts(month=NOVEMBER, after=first, until=last, issued_at=NOON) == 1
        assert queue_bill_texts(month=NOVEMBER, after=first, until=last, issued_at=NOON) == 0
