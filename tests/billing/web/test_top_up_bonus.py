import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Line
from billing.models import TopUp
from kernel.ids import PublicId
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_campaign, make_line
from tests.pages import words

pytestmark = pytest.mark.django_db

ONE_DAY = timedelta(days=1)


@pytest.fixture
def line() -> Line:
    now = timezone.now()
    make_campaign(starts_at=now - ONE_DAY, ends_at=now + ONE_DAY)
    make_campaign(
        code="HERE", starts_at=now - ONE_DAY, ends_at=now + ONE_DAY, province="CN-GD", name_en="Guangdong thanks",
        minimum_fen=300_00, bonus_fen=0, bonus_percent=5, cap_fen=20_00, bonus_days=0,
    )  # fmt: skip
    return make_line()


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


class TestTopUpPage:
    def test_shows_the_bonus_of_each_amount_before_it_is_paid(self, client: Client) -> None:
        page = words(client.get("/top-up/"))
        assert "30 yuan 50 yuan 100 yuan + 10 bonus 200 yuan + 10 bonus 300 yuan + 15 bonus 500 yuan + 20 bonus" in page
        assert (
            "Spring bonus: from 100 yuan you are given 10 yuan of bonus. The bonus is to be spent within 90 days."
        ) in page
        assert "Guangdong thanks: from 300 yuan you are given 5% of it as bonus. At most 20 yuan." in page

    def test_says_nothing_of_what_is_over(self, client: Client) -> None:
        make_campaign(
            code="OVER", name_en="Long gone", ends_at=timezone.now() - ONE_DAY, starts_at=timezone.now() - 2 * ONE_DAY
        )
        assert "Long gone" not in words(client.get("/top-up/"))

    def test_promises_the_bonus_to_the_top_up(self, client: Client, line: Line) -> None:
        form = {"msisdn": line.msisdn, "request_key": uuid.uuid4().hex, "amount": "300", "other_amount": ""}
        assert client.post("/top-up/", form).status_code == 302
        top_up = TopUp.objects.get()
        assert (top_up.campaign_code, top_up.bonus_fen, top_up.bonus_days) == ("HERE", 15_00, 0)
        address = reverse("billing:top-up-result", args=[PublicId(top_up.account_id, top_up.id)])
        assert "Bonus ¥ 15.00" in words(client.get(address))

    def test_promises_nothing_below_the_smallest_amount(self, client: Client, line: Line) -> None:
        form = {"msisdn": line.msisdn, "request_key": uuid.uuid4().hex, "amount": "", "other_amount": "99.99"}
        client.post("/top-up/", form)
        assert (TopUp.objects.get().campaign_code, TopUp.objects.get().bonus_fen) == ("", 0)
