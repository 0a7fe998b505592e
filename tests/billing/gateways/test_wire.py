"""Alipay and WeChat Pay over a wire that hangs, is cut, or lies."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client  # noqa: TC002
from pytest_django import Settings

from billing.gateways.base import Payment, PaymentProvider, ProviderUnavailable, RefundOutcome
from billing.gateways.registry import forget_providers, get_provider
from billing.models import TopUp
from billing.operations.expire_top_ups import ask_provider_now, expire_top_ups
from tests.cashiers.alipay import FakeAlipay
from tests.cashiers.wechatpay import FakeWechatpay
from tests.factories.accounts import signed_in_client
from tests.factories.billing import EXPIRES, NOW, PAYER, make_line, make_top_up, wallet_of

NUMBER = "20261122aaaaaaaaaaaaaaaaaaaaaaaa"
TROUBLES = ["hang", "cut", "status", "garbage", "forged"]
Cashier = FakeAlipay | FakeWechatpay


@pytest.fixture(params=[FakeAlipay, FakeWechatpay])
def cashier(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Cashier]:
    cashier: Cashier = request.param()
    for name, value in cashier.settings().items():
        setattr(settings, name, value)
    settings.PAYMENT_TIMEOUT = 2.0
    forget_providers()
    yield cashier
    cashier.close()
    forget_providers()


@pytest.fixture
def provider(cashier: Cashier, settings: Settings) -> PaymentProvider:
    return get_provider(settings.PAYMENT_PROVIDER)


def create(cashier: Cashier, provider: PaymentProvider, number: str = NUMBER) -> None:
    url = provider.create_payment(
        payment_number=number,
        amount_fen=50_00,
        title="充值",
        return_path="/r/",
        payer=PAYER,
        expires_at=EXPIRES,
        now=NOW,
    )
    if isinstance(cashier, FakeAlipay):
        cashier.visit(url)


def close_the_breaker(provider: Any) -> None:
    provider._wire.breaker.record_success()


def query(provider: PaymentProvider) -> Payment:
    return provider.query_payment(payment_number=NUMBER)


def refund(provider: PaymentProvider) -> RefundOutcome:
    return provider.refund_payment(
        refund_number="R1", payment_number=NUMBER, paid_fen=50_00, amount_fen=50_00, reason="x", now=NOW
    ).outcome


class TestTrouble:
    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_is_never_taken_for_an_answer(self, cashier: Cashier, provider: PaymentProvider, trouble: str) -> None:
        create(cashier, provider)
        cashier.decide(NUMBER, paid=True, now=NOW)
        cashier.trouble = trouble
        with pytest.raises(ProviderUnavailable):
            query(provider)
        close_the_breaker(provider)
        with pytest.raises(ProviderUnavailable):
            refund(provider)
        cashier.trouble = ""
        close_the_breaker(provider)
        assert query(provider).paid_fen == 50_00
        assert refund(provider) is RefundOutcome.DONE

    def test_is_met_when_nobody_listens(self, cashier: Cashier, provider: PaymentProvider) -> None:
        cashier.server.server_close()
        with pytest.raises(ProviderUnavailable):
            query(provider)

    def test_opens_the_breaker_so_that_nobody_waits_after_the_first(
        self, cashier: Cashier, provider: PaymentProvider
    ) -> None:
        cashier.trouble = "hang"
        started = time.monotonic()
        with pytest.raises(ProviderUnavailable):
            query(provider)
        assert time.monotonic() - started >= 2.0
        started, asked = time.monotonic(), len(cashier.asked)
        for _time in range(50):
            with pytest.raises(ProviderUnavailable):
                query(provider)
        assert time.monotonic() - started < 2.0
        assert len(cashier.asked) == asked

    def test_ends_when_one_probe_is_answered(self, cashier: Cashier, provider: Any) -> None:
        create(cashier, provider)
        cashier.trouble = "status"
        with pytest.raises(ProviderUnavailable):
            query(provider)
        cashier.trouble = ""
        provider._wire.breaker.open_until = 0.0
        assert query(provider).payment_number == NUMBER
        assert provider._wire.breaker.failures == 0

    def test_is_not_a_refusal_for_one_payment(self, cashier: Cashier, provider: Any) -> None:
        assert refund(provider) is RefundOutcome.REFUSED
        assert provider._wire.breaker.failures == 0


class TestRefundsThatAreNotDone:
    def test_are_under_way_at_alipay_until_its_query_says_so(self, settings: Settings) -> None:
        cashier = FakeAlipay()
        for name, value in cashier.settings().items():
            setattr(settings, name, value)
        forget_providers()
        provider = get_provider("alipay")
        create(cashier, provider)
        cashier.decide(NUMBER, paid=True, now=NOW)
        cashier.fund_change = "N"
        assert refund(provider) is RefundOutcome.UNDER_WAY
        assert cashier.asked == ["alipay.trade.refund", "alipay.trade.fastpay.refund.query"]
        cashier.fund_change = "Y"
        assert [refund(provider), refund(provider)] == [RefundOutcome.DONE, RefundOutcome.DONE]
        cashier.close()

    @pytest.mark.parametrize(
        ("sub_code", "outcome"),
        [
            ("ACQ.TRADE_HAS_FINISHED", RefundOutcome.REFUSED),
            ("ACQ.SELLER_BALANCE_NOT_ENOUGH", None),
            ("ACQ.SYSTEM_ERROR", None),
        ],
    )
    def test_are_refused_by_alipay_for_good_or_just_now(
        self, settings: Settings, sub_code: str, outcome: RefundOutcome | None
    ) -> None:
        cashier = FakeAlipay()
        for name, value in cashier.settings().items():
            setattr(settings, name, value)
        forget_providers()
        cashier.refund_refusal = sub_code
        if outcome:
            assert refund(get_provider("alipay")) is outcome
        else:
            with pytest.raises(ProviderUnavailable):
                refund(get_provider("alipay"))
        cashier.close()

    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            ("PROCESSING", RefundOutcome.UNDER_WAY),
            ("ABNORMAL", RefundOutcome.UNDER_WAY),
            ("CLOSED", RefundOutcome.REFUSED),
            ("SUCCESS", RefundOutcome.DONE),
        ],
    )
    def test_are_told_apart_by_wechat_pay(self, settings: Settings, status: str, outcome: RefundOutcome) -> None:
        cashier = FakeWechatpay()
        for name, value in cashier.settings().items():
            setattr(settings, name, value)
        forget_providers()
        create(cashier, get_provider("wechatpay"))
        cashier.refund_status = status
        assert refund(get_provider("wechatpay")) is outcome
        cashier.close()

    @pytest.mark.parametrize("refusal", [(403, "NOT_ENOUGH"), (429, "FREQUENCY_LIMITED"), (500, "SYSTEM_ERROR")])
    def test_may_go_through_at_wechat_pay_later(self, settings: Settings, refusal: tuple[int, str]) -> None:
        cashier = FakeWechatpay()
        for name, value in cashier.settings().items():
            setattr(settings, name, value)
        forget_providers()
        cashier.refund_refusal = refusal
        with pytest.raises(ProviderUnavailable):
            refund(get_provider("wechatpay"))
        cashier.close()


@pytest.mark.django_db
class TestTheHall:
    def test_answers_its_pages_while_the_provider_hangs(self, cashier: Cashier, settings: Settings) -> None:
        line = make_line()
        browser = signed_in_client(line)
        cashier.trouble = "hang"
        form = {"msisdn": line.msisdn, "amount": "50", "other_amount": ""}
        started = time.monotonic()
        answers = [browser.post("/top-up/", {**form, "request_key": f"{number:032x}"}) for number in range(3)]
        assert [answer.status_code for answer in answers] == [302] * 3
        # The cashier would keep them for half a minute each; one waits out the time-out, the others do not even ask.
        assert time.monotonic() - started < 10
        assert len(cashier.asked) <= 1
        assert TopUp.objects.filter(state="PENDING").count() == 3
        assert wallet_of(line.account_id) == (0, 0, 0)

    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_asks_again_and_credits_once_after_the_trouble(
        self, cashier: Cashier, provider: Any, settings: Settings, trouble: str
    ) -> None:
        top_up = make_top_up(make_line(), provider=settings.PAYMENT_PROVIDER)
        create(cashier, provider, top_up.payment_number)
        cashier.decide(top_up.payment_number, paid=True, now=NOW)
        cashier.trouble = trouble
        assert expire_top_ups(now=EXPIRES) == 1
        assert TopUp.objects.get().state == "UNKNOWN"
        cashier.trouble = ""
        close_the_breaker(provider)
        for _time in range(2):
            ask_provider_now(account_id=top_up.account_id, top_up_id=top_up.id, now=EXPIRES)
        found = TopUp.objects.get()
        assert (found.state, found.paid_at) == ("SUCCEEDED", NOW)
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)


@pytest.mark.django_db
class TestGoingOnToThePage:
    @pytest.mark.parametrize(
        ("agent", "method"),
        [
            ("Mozilla/5.0 (Linux; Android 15) Mobile", "alipay.trade.wap.pay"),
            ("Mozilla/5.0 (X11)", "alipay.trade.page.pay"),
        ],
    )
    def test_leads_to_alipays_page_for_the_device(self, settings: Settings, agent: str, method: str) -> None:
        cashier = FakeAlipay()
        for name, value in cashier.settings().items():
            setattr(settings, name, value)
        forget_providers()
        line = make_line()
        answer = self.post(line, agent)
        assert answer["Location"].startswith(f"{cashier.gateway}?")
        cashier.visit(answer["Location"])
        seen = cashier.visits[TopUp.objects.get().payment_number]
        assert (seen["method"], seen["total_amount"]) == (method, "50.00")
        assert seen["notify_url"] == f"{settings.PUBLIC_URL}/payment-callback/alipay/"
        assert seen["return_url"].startswith(f"{settings.PUBLIC_URL}/top-up/")
        cashier.close()

    def test_leads_to_wechat_and_back(self, settings: Settings) -> None:
        cashier = FakeWechatpay()
        for name, value in cashier.settings().items():
            setattr(settings, name, value)
        forget_providers()
        line = make_line()
        answer = self.post(line, "Mozilla/5.0 (iPhone) Mobile")
        assert answer["Location"].startswith("https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=")
        assert "&redirect_url=http%3A%2F%2F127.0.0.1%3A8000%2Ftop-up%2F" in answer["Location"]
        assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
        asked = cashier.orders[TopUp.objects.get().payment_number].asked
        assert asked["scene_info"] == {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
        assert asked["amount"] == {"total": 50_00, "currency": "CNY"}
        cashier.close()

    def post(self, line: Any, agent: str) -> Any:
        form = {"msisdn": line.msisdn, "amount": "50", "other_amount": "", "request_key": "0" * 32}
        browser: Client = signed_in_client(line)
        return browser.post("/top-up/", form, headers={"User-Agent": agent})
