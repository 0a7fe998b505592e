import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from billing.gateways.base import Payment, PaymentOutcome
from billing.gateways.sandbox import signed_notice
from billing.models import TopUp
from messaging.models import Sms
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

    def test_changes_nothing_when_replayed_ten_times(self, top_up: TopUp, paid: Payment) -> None:
        notice = signed_notice(paid, now=timezone.now())
        assert [post(notice) for _time in range(11)] == [(200, b"success")] * 11
        assert (wallet_of(top_up.account_id), Sms.objects.count()) == ((50_00, 0, 1), 1)

    def test_tells_the_provider_what_does_not_fit(self, top_up: TopUp, paid: Payment) -> None:
        instant = timezone.now()
        body, headers = signed_notice(paid, now=instant)
        answers = {
            "signature": post((body.replace(b"5000", b"5001"), headers)),
            "amount": post(signed_notice(replace(paid, paid_fen=1), now=instant)),
            "currency": post(signed_notice(replace(paid, currency="USD"), now=instant)),
            "merchant": post(signed_notice(replace(paid, merchant="other"), now=instant)),
            "order": post(signed_notice(replace(paid, payment_number="other"), now=instant)),
            "old": post(signed_notice(paid, now=instant - timedelta(seconds=400))),
            "future": post(signed_notice(paid, now=instant + timedelta(seconds=400))),
            "unsigned": post((json.dumps({}).encode(), {})),
            "empty": post((b"", {})),
        }
        assert answers == {
            "signature": (400, b"NOTICE_SIGNATURE_WRONG"),
            "amount": (400, b"PAID_AMOUNT_DIFFERS"),
            "currency": (400, b"CURRENCY_DIFFERS"),
            "merchant": (400, b"MERCHANT_DIFFERS"),
            "order": (400, b"PAYMENT_UNKNOWN"),
            "old": (400, b"NOTICE_NOT_RECENT"),
            "future": (400, b"NOTICE_NOT_RECENT"),
            "unsigned": (400, b"NOTICE_SIGNATURE_WRONG"),
            "empty": (400, b"NOTICE_SIGNATURE_WRONG"),
        }
        assert (wallet_of(top_up.account_id), TopUp.objects.get().state) == ((0, 0, 0), "PENDING")
        assert not Sms.objects.exists()

    @pytest.mark.parametrize("url", ["/payment-callback/memory/", "/payment-callback/other/", "/payment-callback/%00/"])
    def test_is_not_there_for_a_provider_that_is_not_in_use(self, paid: Payment, url: str) -> None:
        assert post(signed_notice(paid, now=timezone.now()), url)[0] == 404
        assert TopUp.objects.get().state == "PENDING"

    def test_takes_posts_only(self) -> None:
        assert Client().get(URL).status_code == 405
