import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from time_machine import travel

from billing.models import Reconciliation, TopUp
from billing.operations.reconcile_payments import reconcile_payments
from tests.factories.accounts import make_staff, staff_client
from tests.factories.billing import NOW, make_line, make_top_up
from tests.pages import words

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


class TestReconcile:
    def send(self, role: str = "finance", **changes: Any) -> Any:
        form: dict[str, Any] = {"day": "2026-11-21", "file": SimpleUploadedFile("day.csv", FILE)}
        client = staff_client(role)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        with travel(NOW, tick=False):
            return client.post("/staff/billing/reconciliation/reconcile/", {**form, **changes})

    def test_leads_to_the_report(self) -> None:
        answer = self.send()
        report = Reconciliation.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, f"/staff/billing/reconciliation/{report.pk}/change/")
        assert (report.provider, report.file_name, report.difference_count) == ("sandbox", "day.csv", 2)

    def test_replaces_the_report_of_the_day(self) -> None:
        self.send()
        self.send()
        assert Reconciliation.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"day": "2026-11-22"}, "This day is not over yet."),
            ({"day": ""}, "This field is required."),
            ({"file": ""}, "This field is required."),
            ({"file": SimpleUploadedFile("x.csv", b"a,b")}, "file"),
        ],
    )
    def test_refuses_what_cannot_be_compared(self, changes: dict[str, Any], said: str) -> None:
        page = self.send(**changes)
        assert page.status_code == 422
        assert said in words(page)
        assert not Reconciliation.objects.exists()

    @pytest.mark.parametrize("role", ["clerk", "supervisor"])
    def test_is_for_finance(self, role: str) -> None:
        assert self.send(role).status_code == 403
        assert "/reconcile/" not in staff_client(role).get("/staff/billing/reconciliation/").content.decode()

    def test_is_called_for_where_a_day_has_no_report(self) -> None:
        top_up = make_top_up(make_line())
        TopUp.objects.filter(id=top_up.id).update(state="SUCCEEDED", finished_at=NOW, paid_at=NOW - timedelta(days=1))
        client = staff_client("finance")
        with travel(NOW, tick=False):
            page = client.get("/staff/billing/reconciliation/").content.decode()
            assert "/staff/billing/reconciliation/reconcile/?day=2026-11-21" in page
            self.send()
            assert "?day=" not in client.get("/staff/billing/reconciliation/").content.decode()
