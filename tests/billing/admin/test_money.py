from datetime import date, datetime

import pytest
from django.test import Client

from billing.models import Bill, LedgerEntry
from billing.operations.issue_bills import issue_bills
from kernel.clock import SHANGHAI, Month
from tests.factories.accounts import staff_client
from tests.factories.billing import NOW, make_charge, make_line, opened_long_ago

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> Client:
    return staff_client("clerk")


class TestWalletPage:
    def test_shows_money_in_yuan(self, clerk: Client) -> None:
        line = make_line(cash_fen=1234_56, bonus_fen=7_08, overdraft_fen=20_00)
        page = clerk.get(f"/staff/billing/wallet/{line.account_id}/change/").content.decode()
        assert "1234.56" in page
        assert "7.08" in page
        assert "20.00" in page


class TestLedgerEntryPage:
    def test_is_named_by_account_and_version(self, clerk: Client) -> None:
        line = make_line(cash_fen=86_50, bonus_fen=1_00)
        other = make_line(cash_fen=12_30)
        page = clerk.get(f"/staff/billing/ledgerentry/{line.account_id},1/change/").content.decode()
        assert "86.50" in page
        page = clerk.get(f"/staff/billing/ledgerentry/{other.account_id},1/change/").content.decode()
        assert "12.30" in page
        assert LedgerEntry.objects.filter(version=1).count() == 2

    def test_lists_the_newest_entry_of_an_account_first(self, clerk: Client) -> None:
        line = make_line(cash_fen=86_50, bonus_fen=1_00)
        found = clerk.get("/staff/billing/ledgerentry/", {"q": str(line.account_id)}).context["cl"].result_list
        assert [entry.version for entry in found] == [2, 1]


class TestBillPage:
    def test_is_named_by_account_and_month_and_shows_its_lines(self, clerk: Client) -> None:
        line = opened_long_ago(make_line(cash_fen=100_00))
        make_charge(line, amount_fen=20_00, now=datetime(2026, 10, 2, 12, tzinfo=SHANGHAI))
        issue_bills(month=Month(2026, 10), now=NOW)
        bill = Bill.objects.get(account_id=line.account_id)
        assert bill.period_date == date(2026, 10, 1)
        page = clerk.get(f"/staff/billing/bill/{line.account_id},2026-10-01/change/").content.decode()
        assert "2026-10" in page
        assert page.count("20.00") == 2
