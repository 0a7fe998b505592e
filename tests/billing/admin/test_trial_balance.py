"""The trial balance at the desk: finance reads it, on the page and as a file."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from time_machine import travel

from tests.factories.accounts import make_staff, staff_client
from tests.factories.billing import make_charge, make_line
from tests.pages import words

pytestmark = pytest.mark.django_db

PAGE = "/staff/billing/ledgerentry/trial-balance/"
DAYS = {"first_date": "2026-11-22", "last_date": "2026-11-23"}


@pytest.fixture(autouse=True)
def _on_the_24th() -> Iterator[None]:
    with travel(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def finance() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(make_staff("finance"))
    line = make_line(cash_fen=100_00)
    make_charge(line, amount_fen=7_00, now=datetime(2026, 11, 23, tzinfo=UTC))
    return client


class TestTrialBalancePage:
    def test_begins_with_yesterday(self, finance: Client) -> None:
        page = words(finance.get(PAGE))
        assert "cash 100.00 0.00 7.00 93.00 –" in page
        assert "2026-11-23 charges cash 0.00 7.00 -7.00 1" in page

    def test_shows_the_days_that_are_asked_for(self, finance: Client) -> None:
        page = words(finance.get(PAGE, {**DAYS, "prove": "on"}))
        assert "It closes" in page
        assert "cash 0.00 100.00 7.00 93.00 0.00" in page
        assert "balance brought in 100.00 0.00 100.00" in page

    def test_says_when_nothing_moved(self, finance: Client) -> None:
        page = finance.get(PAGE, {"first_date": "2026-11-01", "last_date": "2026-11-02"})
        assert "Nothing moved on these days." in words(page)

    @pytest.mark.parametrize(
        ("days", "said"),
        [
            ({"first_date": "2026-11-24", "last_date": "2026-11-24"}, "The last day is not closed yet."),
            ({"first_date": "2026-11-23", "last_date": "2026-11-22"}, "Enter a first day and a later last day"),
            ({"first_date": "x", "last_date": "2026-11-22"}, "Enter a valid date."),
            ({"first_date": "2026-11-22", "last_date": ""}, "This field is required."),
        ],
    )
    def test_refuses_days_that_are_none(self, finance: Client, days: dict[str, str], said: str) -> None:
        page = finance.get(PAGE, days)
        assert page.status_code == 422
        assert said in words(page)

    def test_gives_the_rows_as_a_file(self, finance: Client) -> None:
        answer = finance.get(PAGE, {**DAYS, "csv": "CSV"})
        assert answer["Content-Disposition"] == 'attachment; filename="trial-balance-2026-11-22-2026-11-23.csv"'
        rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"), newline="")))
        assert rows == [
            ["day", "counterpart", "money", "in (yuan)", "out (yuan)", "net (yuan)", "entries"],
            ["2026-11-22", "balance brought in", "cash", "100.00", "0.00", "100.00", "1"],
            ["2026-11-23", "charges", "cash", "0.00", "7.00", "-7.00", "1"],
        ]

    def test_is_for_finance(self, finance: Client) -> None:
        assert PAGE in finance.get("/staff/billing/ledgerentry/").content.decode()
        clerk = staff_client("clerk")
        assert PAGE not in clerk.get("/staff/billing/ledgerentry/").content.decode()
        assert clerk.get(PAGE).status_code == 403
        assert Client().get(PAGE).status_code == 302
