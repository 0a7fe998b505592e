import pytest
from django.test import Client
from django.utils import timezone

from billing.gateways.base import Payment, PaymentOutcome
from billing.gateways.sandbox import signed_notice
from billing.models import TopUp
from tests.factories.billing import make_line, make_top_up, wallet_of

pytestmark = pytest.mark.django_db

URL = "/payment-callback/sandbox/"


@pytest.fixture
def top_up() -> TopUp:
    return make_top_up(make_line())


@pytest.fixture
def paid(top_up: TopUp) -> Payment:
    return Payment(top_up.payment_number, "SB1", PaymentOutcome.PAID, 50_00, "CNY", "online-business-hall")


def post(notice: tuple[bytes, dict[str, str]], url: str = URL) -> tuple[int, bytes]:
    body, headers = notice
    answer = Client(enforce_csrf_checks=True).generic("POST", url, body, "application/json", headers=headers)
    return answer.status_code, answer.content


class TestPaymentCallback:
    def test_credits_and_answers_success(self, top_up: TopUp, paid: Payment) -> None:
        assert post(signed_notice(paid, now=timezone.now())) == (200, b"success")
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)

    @pytest.mark.parametrize("url", ["/payment-callback/memory/", "/payment-callback/other/", "/payment-callback/%00/"])
    def test_is_not_there_for_a_provider_that_is_not_in_use(self, paid: Payment, url: str) -> None:
        assert post(signed_notice(paid, now=timezone.now()), url)[0] == 404
        assert TopUp.objects.get().state == "PENDING"

    def test_takes_posts_only(self) -> None:
        assert Client().get(URL).status_code == 405
