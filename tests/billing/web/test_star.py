import re
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import Account, HolidayWindow, Line
from accounts.operations.documents import record_document
from billing.models import DunningCase, DunningNote
from billing.operations.rate_stars import rate_stars
from billing.operations.wallets import follow_stars
from kernel.clock import SHANGHAI
from tests.factories.accounts import fresh_document, signed_in_client
from tests.factories.billing import make_charge, make_line
from tests.factories.stars import NOVEMBER, star_table

pytestmark = pytest.mark.django_db

RATED_AT = datetime(2026, 11, 1, 2, tzinfo=SHANGHAI)
MARCH_2025 = datetime(2025, 3, 1, tzinfo=SHANGHAI)
LATER = datetime(2026, 11, 22, 12, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billing.web.star.current_instant", lambda: LATER)


def customer(*, since: datetime = MARCH_2025, cash_fen: int = 400_00) -> Line:
    line = make_line(cash_fen=cash_fen)
    Line.objects.filter(account_id=line.account_id).update(activated_at=since)
    Account.objects.filter(id=line.account_id).update(created_at=since)
    record_document(account_id=line.account_id, document=fresh_document(), staff_id=1, reason="opening", now=since)
    return line


def read(client: Client, language: str = "en") -> str:
    """Return the words of the page."""
    client.cookies["django_language"] = language
    answer = client.get("/star/")
    assert answer.status_code == 200
    main = re.search(r"<main.*?</main>", answer.content.decode(), re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


class TestStar:
    def test_explains_the_star_with_every_input_exactly(self) -> None:
        star_table()
        line = customer()
        make_charge(line, now=datetime(2026, 8, 1, tzinfo=SHANGHAI), amount_fen=500_00, may_owe=True)
        make_charge(line, now=datetime(2026, 10, 1, tzinfo=SHANGHAI), amount_fen=100_00)
        rate_stars(month=NOVEMBER, now=RATED_AT)
        words = read(signed_in_client(line))
        for sentence in (
            "3 stars Rated for November 2026; it holds until Nov. 1, 2027 unless a later rating takes its place.",
            "Overdraft ¥ 50.00 of it left ¥ 50.00 Points 55",
            "To 4 stars 55 of 65 points 55 10 points more, and the overdraft is 100 yuan.",
            "Time with us 10 of 20 points 10 20 months · 10 points more from 24 months on.",
            "Real name 10 of 10 points 10 recorded · All points that there are.",
            "Average spend 20 of 20 points 20 100.00 yuan a month in the last 6 whole months · All points that",
            "Paying on time 5 of 20 points 5 1 month paid late in the last 6 whole months · 15 points more once no",
            "more once no month of them was paid late. Suspensions",
            "Suspensions 10 of 10 points 10 not once in the last 6 whole months · All points that there are.",
            "3 stars yours 50 50 4 stars 65 100",
        ):
            assert sentence in words

    def test_says_what_is_left_of_the_overdraft_and_that_more_is_in_use_than_the_star_allows(self) -> None:
        star_table()
        line = customer(cash_fen=0)
        rate_stars(month=NOVEMBER, now=RATED_AT)
        make_charge(line, now=LATER, amount_fen=30_00)
        words = read(signed_in_client(line))
        assert "Overdraft ¥ 50.00 of it left ¥ 20.00" in words
        assert "Your star allows" not in words
        follow_stars(overdrafts={line.account_id: 70_00}, reason="test", now=LATER)
        assert "Your star allows 50.00 yuan." in read(signed_in_client(line))

    def test_tells_who_is_new_when_there_will_be_a_star(self) -> None:
        star_table()
        line = customer(since=datetime(2026, 8, 1, tzinfo=SHANGHAI))
        rate_stars(month=NOVEMBER, now=RATED_AT)
        words = read(signed_in_client(line))
        assert "No star yet You get your first star 3 months from now" in words
        assert "To 1 star" not in words

    def test_tells_who_was_never_rated(self) -> None:
        words = read(signed_in_client(customer()))
        assert "You have not been rated yet" in words
        assert "Where the points come from" not in words

    def test_names_the_holidays_that_protect_this_star(self) -> None:
        star_table()
        line = customer()
        for code, star, province in (("A", 3, ""), ("B", 4, ""), ("C", 1, "CN-ZJ")):
            HolidayWindow.objects.create(
                code=code, name_zh=f"{code}节", name_en=f"Festival {code}", province=province, minimum_star=star,
                starts_at=datetime(2027, 2, 1, tzinfo=SHANGHAI), ends_at=datetime(2027, 2, 8, tzinfo=SHANGHAI),
            )  # fmt: skip
        make_charge(line, now=datetime(2026, 10, 1, tzinfo=SHANGHAI), amount_fen=100_00)
        rate_stars(month=NOVEMBER, now=RATED_AT)
        words = read(signed_in_client(line))
        assert ["Festival A" in words, "Festival B" in words, "Festival C" in words] == [True, False, False]
        assert "A节" in read(signed_in_client(line), "zh-hans")

    def test_says_why_a_suspension_did_not_happen(self) -> None:
        star_table()
        line = customer()
        rate_stars(month=NOVEMBER, now=RATED_AT)
        case = DunningCase.objects.create(
            account_id=line.account_id, step="WARNED", step_at=RATED_AT, opened_at=RATED_AT
        )
        DunningNote.objects.create(
            account_id=line.account_id, case_id=case.id, kind="POSTPONED", step="ONE_WAY", owed_fen=10_00,
            postponement="HOLIDAY", holiday_zh="国庆节", holiday_en="National Day", star=3,
            until_at=datetime(2026, 10, 8, tzinfo=SHANGHAI), noted_at=datetime(2026, 10, 2, tzinfo=SHANGHAI),
        )  # fmt: skip
        words = read(signed_in_client(line))
        assert "When your star kept you from being suspended Oct. 2, 2026 Not stopped because of National Day" in words

    def test_asks_for_a_sign_in(self) -> None:
        assert Client().get("/star/").status_code == 302
