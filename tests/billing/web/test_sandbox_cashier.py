import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from billing.gateways.sandbox import SandboxProvider
from billing.models import SandboxPayment, TopUp
from tests.factories.billing import EXPIRES, PAYER, make_line, make_top_up, wallet_of

pytestmark = pytest.mark.django_db

NUMBER = "20261122bbbbbbbbbbbbbbbbbbbbbbbb"
URL = f"/cashier/{NUMBER}/"


@pytest.fixture
def _payment() -> None:
    SandboxProvider().create_payment(
        payment_number=NUMBER,
        amount_fen=50_00,
        title="Top-up of 138 0013 8000",
        return_path="/top-up/x/",
        payer=PAYER,
        expires_at=EXPIRES,
        now=timezone.now(),
    )


@pytest.mark.usefixtures("_payment")
class TestCashier:
    def test_says_that_it_is_only_practice(self) -> None:
        page = Client(headers={"Accept-Language": "en"}).get(URL).content.decode()
        assert "Practice only: no real money is taken" in page
        assert "Pay 50.00 yuan" in page
        assert "Top-up of 138 0013 8000" in page
        assert SandboxPayment.objects.get().outcome == "OPEN"

    @pytest.mark.parametrize(
        ("chosen", "outcome", "is_due", "wanted", "silences"),
        [
            ("PAID", "PAID", True, 1, 0),
            ("REFUSED", "REFUSED", True, 1, 0),
            ("PAID_LATE", "PAID", True, 1, 0),
            ("PAID_TWICE", "PAID", True, 2, 0),
            ("PAID_CUT", "PAID", False, 1, 1),
        ],
    )
    def test_notes_the_decision_and_leads_back(
        self, chosen: str, outcome: str, is_due: bool, wanted: int, silences: int
    ) -> None:
        answer = Client().post(URL, {"outcome": chosen})
        assert (answer.status_code, answer["Location"]) == (302, "/top-up/x/")
        row = SandboxPayment.objects.get()
        assert (row.outcome, row.notice_due_at is not None) == (outcome, is_due)
        assert (row.notices_wanted, row.silences) == (wanted, silences)

    def test_lets_the_first_decision_stand(self) -> None:
        Client().post(URL, {"outcome": "PAID"})
        assert Client().post(URL, {"outcome": "REFUSED"})["Location"] == "/top-up/x/"
        assert SandboxPayment.objects.get().outcome == "PAID"
        page = Client(headers={"Accept-Language": "en"}).get(URL).content.decode()
        assert "This payment was decided already." in page
        assert 'name="outcome"' not in page

    @pytest.mark.parametrize("outcome", ["", "OPEN", "paid"])
    def test_knows_no_other_decision(self, outcome: str) -> None:
        assert Client().post(URL, {"outcome": outcome}).status_code == 404
        assert SandboxPayment.objects.get().outcome == "OPEN"

    @pytest.mark.parametrize("number", ["other", "%00", "é"])
    def test_knows_no_other_payment(self, number: str) -> None:
        assert Client().get(f"/cashier/{number}/").status_code == 404
        assert Client().post(f"/cashier/{number}/", {"outcome": "PAID"}).status_code == 404

    @pytest.mark.parametrize(("name", "value"), [("DEMO_MODE", False), ("PAYMENT_PROVIDER", "memory")])
    def test_is_there_in_demo_mode_with_the_sandbox_only(self, settings: Settings, name: str, value: object) -> None:
        setattr(settings, name, value)
        assert Client().get(URL).status_code == 404
        assert Client().post(URL, {"outcome": "PAID"}).status_code == 404
        assert SandboxPayment.objects.get().outcome == "OPEN"


class TestPayingThere:
    def test_credits_nothing_before_the_hall_is_told(self) -> None:
        top_up = make_top_up(make_line())
        SandboxProvider().create_payment(
            payment_number=top_up.payment_number,
            amount_fen=50_00,
            title="",
            return_path="/r/",
            payer=PAYER,
            expires_at=EXPIRES,
            now=timezone.now(),
        )
        Client().post(f"/cashier/{top_up.payment_number}/", {"outcome": "PAID"})
        assert TopUp.objects.get().state == "PENDING"
        assert wallet_of(top_up.account_id) == (0, 0, 0)
