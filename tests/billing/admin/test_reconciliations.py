import csv
import io
from datetime import date

import pytest
from django.test import Client

from billing.models import Reconciliation
from billing.operations.reconcile_payments import reconcile_payments
from tests.factories.accounts import make_staff, staff_client
from tests.factories.billing import NOW

pytestmark = pytest.mark.django_db

FILE = (
    b"merchant,movement,number,provider_number,amount_yuan,at\r\n"
    b"online-business-hall,PAYMENT,=1+1,@SUM(A1),50.00,x\r\n"
    b"online-business-hall,REFUND,R9,-7,1.25,x\r\n"
)


@pytest.fixture
def report() -> Reconciliation:
    return reconcile_payments(provider="sandbox", day=date(2026, 11, 21), content=FILE, file_name="day.csv", now=NOW)


def body_of(client: Client, report: Reconciliation) -> bytes:
    answer = client.get(f"/staff/billing/reconciliation/{report.pk}/csv/")
    assert answer["Content-Disposition"] == 'attachment; filename="sandbox-2026-11-21.csv"'
    content: bytes = answer.getvalue()
    return content


class TestReconciliationPage:
    def test_shows_the_differences(self, report: Reconciliation) -> None:
        page = staff_client("clerk").get(f"/staff/billing/reconciliation/{report.pk}/change/").content.decode()
        assert "R9" in page
        assert "50.00" in page
        assert f"/staff/billing/reconciliation/{report.pk}/csv/" in page

    def test_lists_reports(self, report: Reconciliation) -> None:
        page = staff_client("clerk").get("/staff/billing/reconciliation/").content.decode()
        assert f"/staff/billing/reconciliation/{report.pk}/change/" in page


class TestCsv:
    def test_holds_every_difference_and_no_formula(self, report: Reconciliation) -> None:
        text = body_of(staff_client("clerk"), report).decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(text, newline="")))[1:] == [
            ["MISSING_HERE", "PAYMENT", "'=1+1", "'@SUM(A1)", "", "50.00", "", ""],
            ["MISSING_HERE", "REFUND", "R9", "'-7", "", "1.25", "", ""],
        ]

    def test_is_for_staff_who_may_see_reports(self, report: Reconciliation) -> None:
        nobody = make_staff("clerk")
        nobody.groups.clear()
        browser = Client()
        browser.force_login(nobody)
        assert browser.get(f"/staff/billing/reconciliation/{report.pk}/csv/").status_code == 404
        assert Client().get(f"/staff/billing/reconciliation/{report.pk}/csv/").status_code == 302

    @pytest.mark.parametrize("key", ["x", "0193f3a0-0000-7000-8000-000000000000"])
    def test_is_not_there_for_a_report_that_is_not(self, key: str) -> None:
        assert staff_client("clerk").get(f"/staff/billing/reconciliation/{key}/csv/").status_code == 404
