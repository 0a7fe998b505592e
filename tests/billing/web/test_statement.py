import csv
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Line
from billing.operations.adjustments import approve_adjustment
from billing.operations.top_ups import confirm_top_up
from kernel.clock import month_of
from tests.factories.accounts import signed_in_client
from tests.factories.billing import (
    NOW,
    capture_hold,
    give_bonus,
    make_charge,
    make_hold,
    make_line,
    make_top_up,
    propose,
)
from tests.pages import words

pytestmark = pytest.mark.django_db


def browser_of(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


class TestStatement:
    def test_shows_each_movement_with_its_reason_newest_first(self) -> None:
        line = make_line(cash_fen=80_00, bonus_fen=1_00)
        top_up = make_top_up(line)
        confirm_top_up(
            account_id=line.account_id, top_up_id=top_up.id, paid_fen=50_00, provider_payment_number="SB1", now=NOW
        )
        make_charge(line, amount_fen=10_00, name="10GB 流量包")
        page = words(browser_of(line).get("/statement/"), main=True)
        assert "Balance now: 121.00 yuan" in page
        assert re.findall(r"[+-]\d+\.\d\d (?:cash|bonus) after: \d+\.\d\d", page) == [
            "-9.00 cash after: 121.00",
            "-1.00 bonus after: 0.00",
            "+50.00 cash after: 130.00",
            "+1.00 bonus after: 1.00",
            "+80.00 cash after: 80.00",
        ]
        assert page.index("10GB 流量包") < page.index("Top-up") < page.index("Balance brought in")

    def test_says_what_is_owed(self) -> None:
        line = make_line(cash_fen=80_00)
        make_charge(line, amount_fen=99_00, may_owe=True)
        page = words(browser_of(line).get("/statement/"), main=True)
        assert "You owe 99.00 yuan Top up at least 19.00 yuan: it is then paid by itself. Top up" in page

    def test_goes_on_where_the_page_ended(self) -> None:
        line = make_line(cash_fen=1_000_00)
        for number in range(1, 45):
            make_charge(line, amount_fen=number, now=NOW + timedelta(minutes=number))
        browser = browser_of(line)
        pages, url = [], "/statement/"
        while url:
            page = browser.get(url)
            pages.append(re.findall(r"-(\d+\.\d\d) cash after", words(page, main=True)))
            older = re.search(r'href="([^"]+)" rel="next"', page.content.decode())
            url = older.group(1) if older else ""
        assert [len(page) for page in pages] == [20, 20, 4]
        assert [amount for page in pages for amount in page] == [f"0.{number:02d}" for number in range(44, 0, -1)]

    @pytest.mark.parametrize("older_than", ["x", "-1", "1.5", "", "９", "9" * 19])
    def test_is_not_found_for_what_is_no_place_in_it(self, older_than: str) -> None:
        browser = browser_of(make_line())
        assert browser.get("/statement/", {"older_than": older_than}).status_code == 404

    def test_says_so_when_nothing_has_moved(self) -> None:
        assert "Nothing has moved yet" in words(browser_of(make_line()).get("/statement/"), main=True)

    def test_shows_nothing_of_another_account(self) -> None:
        other = make_line(cash_fen=77_77)
        make_charge(other, name="secret")
        page = words(browser_of(make_line(cash_fen=1_00)).get("/statement/"), main=True)
        assert "secret" not in page
        assert "77.77" not in page


class TestStatementExport:
    THIS_MONTH = f"{month_of(timezone.now())}"

    def csv_of(self, line: Line, **period: str) -> list[list[str]]:
        answer = browser_of(line).get("/statement/export/", period)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        assert text.startswith("\ufeff")
        return list(csv.reader(text.removeprefix("\ufeff").splitlines()))

    def test_gives_every_movement_with_its_reason_newest_first(self) -> None:
        at = timezone.now()
        line = make_line(cash_fen=80_00)
        make_charge(line, amount_fen=10_00, name="10GB 流量包", now=at)
        adjustment = propose(line, -1_00, now=at)
        approve_adjustment(account_id=line.account_id, adjustment_id=adjustment.id, checked_by=2, now=at)
        capture_hold(make_hold(line, 2_00, now=at), 2_00, now=at)
        number = f"{line.msisdn[3:6]} {line.msisdn[6:10]} {line.msisdn[10:]}"
        local = f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
        assert self.csv_of(line, from_month=self.THIS_MONTH, to_month=self.THIS_MONTH)[:4] == [
            ["Number", "Time", "What for", "Phone number", "Money", "Amount (yuan)", "Balance of it after (yuan)"],
            ["4", local, "流量包", number, "cash", "-2.00", "67.00"],
            ["3", local, "charged wrongly: 十月套餐费重复", number, "cash", "-1.00", "69.00"],
            ["2", local, "10GB 流量包", number, "cash", "-10.00", "70.00"],
        ]

    def test_stays_in_the_period(self) -> None:
        this_month = month_of(timezone.now())
        line = make_line()
        for month in (this_month.previous.previous, this_month.previous, this_month):
            give_bonus(line, 1_00, now=month.starts_at)
        give_bonus(line, 1_00, now=this_month.starts_at - timedelta(microseconds=1))
        previous = str(this_month.previous)
        assert [row[0] for row in self.csv_of(line, from_month=previous, to_month=previous)[1:]] == ["4", "2"]

    def test_reads_on_beyond_one_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("billing.queries.statement._ENTRIES_AT_ONCE", 2)
        line = make_line()
        for _number in range(5):
            give_bonus(line, 1_00, now=timezone.now())
        rows = self.csv_of(line, from_month=self.THIS_MONTH, to_month=self.THIS_MONTH)
        assert [row[0] for row in rows[1:]] == ["5", "4", "3", "2", "1"]

    def test_lets_no_cell_become_a_formula(self) -> None:
        line = make_line(cash_fen=80_00)
        make_charge(line, amount_fen=1_00, name='=HYPERLINK("http://x","y")', now=timezone.now())
        rows = self.csv_of(line, from_month=self.THIS_MONTH, to_month=self.THIS_MONTH)
        assert rows[1][2] == '\'=HYPERLINK("http://x","y")'

    def test_shows_nothing_of_another_account(self) -> None:
        line, other = make_line(), make_line()
        give_bonus(other, 1_00, now=timezone.now())
        assert len(self.csv_of(line, from_month=self.THIS_MONTH, to_month=self.THIS_MONTH)) == 1

    @pytest.mark.parametrize(
        "period",
        [
            {},
            {"from_month": "2026-13", "to_month": "2026-13"},
            {"from_month": "1999-01", "to_month": THIS_MONTH},
            {"from_month": THIS_MONTH, "to_month": str(month_of(timezone.now()).previous)},
            {"from_month": "=1+1", "to_month": THIS_MONTH},
        ],
    )
    def test_refuses_a_period_that_is_none(self, period: dict[str, str]) -> None:
        line = make_line(cash_fen=1_00)
        answer = browser_of(line).get("/statement/export/", period)
        assert answer.status_code == 422
        assert answer.context["period"].errors

    def test_is_closed_to_strangers(self) -> None:
        assert Client().get("/statement/export/").status_code == 302
