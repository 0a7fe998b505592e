import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Line
from billing.operations.top_ups import confirm_top_up
from tests.factories.accounts import signed_in_client
from tests.factories.billing import NOW, make_charge, make_line, make_top_up
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
