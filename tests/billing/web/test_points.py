import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Line
from billing.models import PointsExchange
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line, wallet_of
from tests.factories.points import bring_in, earn, points_of
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    line = make_line()
    earn(line, 59)
    bring_in(line, 300, earned_at=timezone.now())
    return line


def browser_of(line: Line, **options: object) -> Client:
    browser = signed_in_client(line, **options)  # type: ignore[arg-type]
    browser.cookies["django_language"] = "en"
    return browser


def sent(page: object) -> dict[str, str]:
    return dict(re.findall(r'name="(points|request_key)" value="([^"]+)"', page.content.decode()))  # type: ignore[attr-defined]


class TestPoints:
    def test_shows_what_there_is_until_when_where_from_and_the_rules(self, line: Line) -> None:
        page = words(browser_of(line).get("/points/"), main=True)
        assert "You have 359 points, worth 3.59 yuan of bonus." in page
        assert "Earned by spending" in page
        assert "59.00 yuan +59 after: 59" in page
        assert "With 5 stars: 200 % of that." in page
        assert "Before" in page

    def test_says_how_to_come_by_some(self) -> None:
        page = words(browser_of(make_line()).get("/points/"), main=True)
        assert "No points yet You earn them with what you spend" in page
        assert "See what they become" not in page


class TestPointsExchange:
    def test_shows_what_they_become_and_exchanges_once_however_often_it_is_sent(self, line: Line) -> None:
        browser = browser_of(line)
        page = browser.get("/points/exchange/?points=300")
        assert "Points to exchange 300 Bonus ¥ 3.00" in words(page, main=True)
        assert points_of(line) == 359
        for _time in range(2):
            assert browser.post("/points/exchange/", sent(page)).headers["Location"] == "/points/"
        assert "300 points have become a bonus of 3.00 yuan." in words(browser.get("/points/"))
        assert (points_of(line), wallet_of(line.account_id)[1]) == (59, 3_00)

    @pytest.mark.parametrize(
        ("wanted", "said"),
        [
            ("150", "Points are exchanged in steps of 100."),
            ("400", "You have 359 points."),
            ("0", "Enter how many points to exchange"),
            ("-100", "Enter how many points to exchange"),
            ("1e9", "Enter how many points to exchange"),
            ("", "Enter how many points to exchange"),
        ],
    )
    def test_says_what_is_wrong_beside_the_field(self, line: Line, wanted: str, said: str) -> None:
        answer = browser_of(line).get("/points/exchange/", {"points": wanted})
        assert answer.status_code == 422
        assert said in words(answer, main=True)

    @pytest.mark.parametrize(
        ("form", "status"),
        [
            ({"points": "300"}, 422),
            ({"points": "300", "request_key": "x"}, 422),
            ({"points": "400", "request_key": "0" * 32}, 409),
            ({"points": "301", "request_key": "0" * 32}, 422),
        ],
    )
    def test_moves_nothing_for_a_form_that_is_wrong(self, line: Line, form: dict[str, str], status: int) -> None:
        assert browser_of(line).post("/points/exchange/", form).status_code == status
        assert not PointsExchange.objects.exists()
        assert points_of(line) == 359

    def test_asks_for_a_code_first(self, line: Line) -> None:
        answer = browser_of(line, proofs=()).get("/points/exchange/?points=300")
        assert answer.headers["Location"].startswith("/step-up/")
