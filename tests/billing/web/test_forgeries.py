"""Notices of Alipay and WeChat Pay that are not what they should be: each is refused, and nothing moves."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from django.utils import timezone
from pytest_django import Settings

from billing.gateways.base import Payer
from billing.gateways.registry import forget_providers, get_provider
from billing.models import TopUp
from messaging.models import Sms
from tests.cashiers.alipay import FakeAlipay
from tests.cashiers.wechatpay import MERCHANT_ID, SERIAL, FakeWechatpay
from tests.factories.billing import make_line, make_top_up, wallet_of
from tests.notices import Notice, assert_nothing_moved, post_notice

pytestmark = pytest.mark.django_db

OTHER_CIPHER = {"algorithm": "AES_ECB", "nonce": "x", "ciphertext": "x"}
UNKNOWN_NUMBER = "20261122ffffffffffffffffffffffff"


def open_payment(provider: str, top_up: TopUp) -> str:
    return get_provider(provider).create_payment(
        payment_number=top_up.payment_number, amount_fen=top_up.amount_fen, title="充值", return_path="/top-up/x/",
        payer=Payer("203.0.113.7", on_handset=False), expires_at=top_up.expires_at, now=top_up.requested_at,
    )  # fmt: skip


class AlipayDesk:
    """One top-up that was paid at Alipay, and notices about it."""

    def __init__(self, settings: Settings) -> None:
        self.cashier = FakeAlipay()
        for name, value in self.cashier.settings().items():
            setattr(settings, name, value)
        forget_providers()
        self.now = timezone.now()
        self.top_up = make_top_up(make_line(), provider="alipay", now=self.now)
        self.number = self.top_up.payment_number
        self.cashier.visit(open_payment("alipay", self.top_up))
        self.cashier.decide(self.number, paid=True, now=self.now)

    def signed(self, *, at: datetime | None = None, **changes: str) -> Notice:
        return self.cashier.notice(self.number, now=at or self.now, **changes)

    def unsigned(self, change: Callable[[dict[str, str]], Any], notice: Notice | None = None) -> Notice:
        """Change the fields of a notice after it was signed."""
        body, headers = notice or self.signed()
        fields = dict(parse_qsl(body.decode()))
        change(fields)
        return urlencode(fields).encode(), headers

    def signed_by_a_stranger(self) -> Notice:
        self.cashier.trouble = "forged"
        return self.signed()

    def without(self, name: str) -> Notice:
        fields = dict(parse_qsl(self.signed()[0].decode()))
        del fields[name], fields["sign"]
        return self.cashier.signed_notice(fields)


ALIPAY_FORGERIES: dict[str, tuple[Callable[[AlipayDesk], Notice], bytes]] = {
    "nothing at all": (lambda d: (b"", {}), b"NOTICE_SIGNATURE_WRONG"),
    "no form": (lambda d: (b"\xff\xfe\x00", {}), b"NOTICE_SIGNATURE_WRONG"),
    "no signature": (lambda d: d.unsigned(lambda f: f.pop("sign")), b"NOTICE_SIGNATURE_WRONG"),
    "empty signature": (lambda d: d.unsigned(lambda f: f.update(sign="")), b"NOTICE_SIGNATURE_WRONG"),
    "no Base64": (lambda d: d.unsigned(lambda f: f.update(sign="é%%")), b"NOTICE_SIGNATURE_WRONG"),
    "short signature": (lambda d: d.unsigned(lambda f: f.update(sign=f["sign"][:-8])), b"NOTICE_SIGNATURE_WRONG"),
    "stranger's key": (AlipayDesk.signed_by_a_stranger, b"NOTICE_SIGNATURE_WRONG"),
    "amount changed": (lambda d: d.unsigned(lambda f: f.update(total_amount="5000.00")), b"NOTICE_SIGNATURE_WRONG"),
    "order changed": (lambda d: d.unsigned(lambda f: f.update(out_trade_no="x")), b"NOTICE_SIGNATURE_WRONG"),
    "state changed": (lambda d: d.unsigned(lambda f: f.update(trade_status="TRADE_CLOSED")), b"NOTICE_SIGNATURE_WRONG"),
    "field added": (lambda d: d.unsigned(lambda f: f.update(body="x")), b"NOTICE_SIGNATURE_WRONG"),
    "field taken away": (lambda d: d.unsigned(lambda f: f.pop("subject")), b"NOTICE_SIGNATURE_WRONG"),
    "field twice": (lambda d: (d.signed()[0] + b"&total_amount=1.00", {}), b"NOTICE_SIGNATURE_WRONG"),
    "weaker signature": (lambda d: d.unsigned(lambda f: f.update(sign_type="RSA")), b"NOTICE_SIGNATURE_WRONG"),
    "no kind of signature": (lambda d: d.unsigned(lambda f: f.pop("sign_type")), b"NOTICE_SIGNATURE_WRONG"),
    "too old": (lambda d: d.signed(at=d.now - timedelta(seconds=302)), b"NOTICE_NOT_RECENT"),
    "of tomorrow": (lambda d: d.signed(at=d.now + timedelta(days=1)), b"NOTICE_NOT_RECENT"),
    "no time": (lambda d: d.without("notify_time"), b"NOTICE_UNREADABLE"),
    "odd time": (lambda d: d.signed(notify_time="yesterday"), b"NOTICE_UNREADABLE"),
    "smaller amount": (lambda d: d.signed(total_amount="0.01"), b"PAID_AMOUNT_DIFFERS"),
    "larger amount": (lambda d: d.signed(total_amount="50.01"), b"PAID_AMOUNT_DIFFERS"),
    "negative amount": (lambda d: d.signed(total_amount="-50.00"), b"NOTICE_UNREADABLE"),
    "amount in words": (lambda d: d.signed(total_amount="5e1"), b"NOTICE_UNREADABLE"),
    "other currency": (lambda d: d.signed(trans_currency="USD"), b"CURRENCY_DIFFERS"),
    "other seller": (lambda d: d.signed(seller_id="2088000000000002"), b"MERCHANT_DIFFERS"),
    "other application": (lambda d: d.signed(app_id="2021000000000002"), b"MERCHANT_DIFFERS"),
    "no seller": (lambda d: d.without("seller_id"), b"NOTICE_UNREADABLE"),
    "unknown order": (lambda d: d.signed(out_trade_no=UNKNOWN_NUMBER), b"PAYMENT_UNKNOWN"),
    "order with a NUL": (lambda d: d.signed(out_trade_no="x\0"), b"NOTICE_UNREADABLE"),
    "odd number of theirs": (lambda d: d.signed(trade_no="9" * 65), b"NOTICE_UNREADABLE"),
    "still open": (lambda d: d.signed(trade_status="WAIT_BUYER_PAY"), b"PAYMENT_UNDECIDED"),
    "given back": (lambda d: d.signed(trade_status="TRADE_CLOSED", gmt_refund="x"), b"PAYMENT_GIVEN_BACK"),
    "odd state": (lambda d: d.signed(trade_status="PAID"), b"NOTICE_UNREADABLE"),
    "another kind of notice": (lambda d: d.signed(notify_type="open_app_auth_notify"), b"NOTICE_UNREADABLE"),
}  # fmt: skip


@pytest.fixture
def alipay(settings: Settings) -> Iterator[AlipayDesk]:
    desk = AlipayDesk(settings)
    yield desk
    desk.cashier.close()


class TestAlipay:
    @pytest.mark.parametrize("kind", ALIPAY_FORGERIES)
    def test_refuses(self, alipay: AlipayDesk, kind: str) -> None:
        forge, code = ALIPAY_FORGERIES[kind]
        assert post_notice("alipay", forge(alipay)) == (400, code)
        assert_nothing_moved(alipay.top_up)

    def test_refuses_a_notice_about_a_top_up_of_another_provider(self, alipay: AlipayDesk) -> None:
        other = make_top_up(make_line(), provider="sandbox")
        assert post_notice("alipay", alipay.signed(out_trade_no=other.payment_number)) == (400, b"PAYMENT_UNKNOWN")
        assert_nothing_moved(other)

    def test_credits_the_genuine_one_once_however_often_it_comes(self, alipay: AlipayDesk) -> None:
        assert [post_notice("alipay", alipay.signed()) for _time in range(11)] == [(200, b"success")] * 11
        assert (wallet_of(alipay.top_up.account_id), Sms.objects.count()) == ((50_00, 0, 1), 1)

    def test_credits_what_is_paid_after_all(self, alipay: AlipayDesk) -> None:
        assert post_notice("alipay", alipay.signed(trade_status="TRADE_CLOSED", gmt_payment="")) == (200, b"success")
        assert_nothing_moved(alipay.top_up, state="FAILED")
        assert post_notice("alipay", alipay.signed()) == (200, b"success")
        assert wallet_of(alipay.top_up.account_id) == (50_00, 0, 1)

    def test_leaves_what_is_credited_when_a_refusal_comes_late(self, alipay: AlipayDesk) -> None:
        post_notice("alipay", alipay.signed())
        assert post_notice("alipay", alipay.signed(trade_status="TRADE_CLOSED", gmt_payment="")) == (200, b"success")
        assert post_notice("alipay", alipay.signed(trade_status="TRADE_CLOSED", gmt_refund="x")) == (200, b"success")
        assert wallet_of(alipay.top_up.account_id) == (50_00, 0, 1)


class WechatpayDesk:
    """One top-up that was paid in WeChat, and notices about it."""

    def __init__(self, settings: Settings) -> None:
        self.cashier = FakeWechatpay()
        for name, value in self.cashier.settings().items():
            setattr(settings, name, value)
        forget_providers()
        self.now = timezone.now()
        self.top_up = make_top_up(make_line(), provider="wechatpay", now=self.now)
        self.number = self.top_up.payment_number
        open_payment("wechatpay", self.top_up)
        self.cashier.decide(self.number, paid=True, now=self.now)

    def signed(self, *, at: datetime | None = None, **changes: Any) -> Notice:
        return self.cashier.notice(self.number, now=at or self.now, **changes)

    def amount(self, **changes: Any) -> Notice:
        return self.signed(amount={"total": 50_00, "currency": "CNY", **changes})

    def header(self, name: str, value: str) -> Notice:
        body, headers = self.signed()
        return body, {**headers, f"Wechatpay-{name}": value}

    def signed_by_a_stranger(self) -> Notice:
        self.cashier.trouble = "forged"
        return self.signed()

    def envelope(self, **changes: Any) -> Notice:
        return self.cashier.signed_notice(self.cashier.resource(self.number), now=self.now, **changes)

    def body(self, body: bytes) -> Notice:
        return body, self.cashier.signed_headers(body, at=int(self.now.timestamp()))

    def swapped(self) -> Notice:
        """The signature of one genuine notice over the body of another."""
        return self.signed()[0], self.signed()[1]

    def resealed(self) -> Notice:
        """A genuine envelope whose contents were changed: the signature fits, the seal does not."""
        notice = json.loads(self.signed()[0])
        sealed = bytearray(base64.b64decode(notice["resource"]["ciphertext"]))
        sealed[0] ^= 1
        notice["resource"]["ciphertext"] = base64.b64encode(bytes(sealed)).decode()
        return self.body(json.dumps(notice).encode())


def _without(desk: WechatpayDesk, name: str) -> Notice:
    resource = desk.cashier.resource(desk.number)
    del resource[name]
    return desk.cashier.signed_notice(resource, now=desk.now)


WECHATPAY_FORGERIES: dict[str, tuple[Callable[[WechatpayDesk], Notice], bytes]] = {
    "nothing at all": (lambda d: (b"", {}), b"NOTICE_SIGNATURE_WRONG"),
    "no text": (lambda d: (b"\xff\xfe", d.signed()[1]), b"NOTICE_SIGNATURE_WRONG"),
    "no signature": (lambda d: (d.signed()[0], {}), b"NOTICE_SIGNATURE_WRONG"),
    "empty signature": (lambda d: d.header("Signature", ""), b"NOTICE_SIGNATURE_WRONG"),
    "no Base64": (lambda d: d.header("Signature", "%%%"), b"NOTICE_SIGNATURE_WRONG"),
    "stranger's key": (WechatpayDesk.signed_by_a_stranger, b"NOTICE_SIGNATURE_WRONG"),
    "signature of another notice": (WechatpayDesk.swapped, b"NOTICE_SIGNATURE_WRONG"),
    "body changed": (lambda d: (d.signed()[0] + b" ", d.signed()[1]), b"NOTICE_SIGNATURE_WRONG"),
    "other serial": (lambda d: d.header("Serial", SERIAL), b"NOTICE_SIGNATURE_WRONG"),
    "odd serial": (lambda d: d.header("Serial", "zz"), b"NOTICE_SIGNATURE_WRONG"),
    "other algorithm": (lambda d: d.header("Signature-Type", "WECHATPAY2-SM2-WITH-SM3"), b"NOTICE_SIGNATURE_WRONG"),
    "time changed": (lambda d: d.header("Timestamp", "1763791200"), b"NOTICE_SIGNATURE_WRONG"),
    "nonce changed": (lambda d: d.header("Nonce", "0" * 32), b"NOTICE_SIGNATURE_WRONG"),
    "too old": (lambda d: d.signed(at=d.now - timedelta(seconds=302)), b"NOTICE_NOT_RECENT"),
    "of tomorrow": (lambda d: d.signed(at=d.now + timedelta(days=1)), b"NOTICE_NOT_RECENT"),
    "sealed with another key": (lambda d: d.envelope(api_key="0" * 32), b"NOTICE_UNREADABLE"),
    "broken seal": (WechatpayDesk.resealed, b"NOTICE_UNREADABLE"),
    "other cipher": (lambda d: d.envelope(resource=OTHER_CIPHER), b"NOTICE_UNREADABLE"),
    "nothing sealed": (lambda d: d.envelope(resource=None), b"NOTICE_UNREADABLE"),
    "no JSON": (lambda d: d.body(b"{"), b"NOTICE_UNREADABLE"),
    "a list": (lambda d: d.body(b"[]"), b"NOTICE_UNREADABLE"),
    "a refund": (lambda d: d.envelope(event_type="REFUND.SUCCESS"), b"NOTICE_UNREADABLE"),
    "smaller amount": (lambda d: d.amount(total=1), b"PAID_AMOUNT_DIFFERS"),
    "larger amount": (lambda d: d.amount(total=50_01), b"PAID_AMOUNT_DIFFERS"),
    "negative amount": (lambda d: d.amount(total=-50_00), b"PAID_AMOUNT_DIFFERS"),
    "amount as a text": (lambda d: d.amount(total="5000"), b"NOTICE_UNREADABLE"),
    "amount as a fraction": (lambda d: d.amount(total=5000.0), b"NOTICE_UNREADABLE"),
    "no amount": (lambda d: _without(d, "amount"), b"NOTICE_UNREADABLE"),
    "other currency": (lambda d: d.amount(currency="USD"), b"CURRENCY_DIFFERS"),
    "other merchant": (lambda d: d.signed(mchid="1900000002"), b"MERCHANT_DIFFERS"),
    "other application": (lambda d: d.signed(appid=MERCHANT_ID), b"MERCHANT_DIFFERS"),
    "no merchant": (lambda d: _without(d, "mchid"), b"NOTICE_UNREADABLE"),
    "unknown order": (lambda d: d.signed(out_trade_no=UNKNOWN_NUMBER), b"PAYMENT_UNKNOWN"),
    "order with a NUL": (lambda d: d.signed(out_trade_no="x\0"), b"NOTICE_UNREADABLE"),
    "order as a number": (lambda d: d.signed(out_trade_no=1), b"NOTICE_UNREADABLE"),
    "odd number of theirs": (lambda d: d.signed(transaction_id="9" * 65), b"NOTICE_UNREADABLE"),
    "a hundred thousand brackets": (lambda d: d.body(b"[" * 100_000), b"NOTICE_UNREADABLE"),
    "still open": (lambda d: d.signed(trade_state="USERPAYING"), b"PAYMENT_UNDECIDED"),
    "given back": (lambda d: d.signed(trade_state="REFUND"), b"PAYMENT_GIVEN_BACK"),
    "odd state": (lambda d: d.signed(trade_state="PAID"), b"NOTICE_UNREADABLE"),
}  # fmt: skip


@pytest.fixture
def wechatpay(settings: Settings) -> Iterator[WechatpayDesk]:
    desk = WechatpayDesk(settings)
    yield desk
    desk.cashier.close()


class TestWechatpay:
    @pytest.mark.parametrize("kind", WECHATPAY_FORGERIES)
    def test_refuses(self, wechatpay: WechatpayDesk, kind: str) -> None:
        forge, code = WECHATPAY_FORGERIES[kind]
        asked = list(wechatpay.cashier.asked)
        assert post_notice("wechatpay", forge(wechatpay)) == (400, code)
        assert_nothing_moved(wechatpay.top_up)
        # Nobody makes us ask WeChat Pay for anything by sending us rubbish.
        assert wechatpay.cashier.asked == asked

    def test_credits_the_genuine_one_once_however_often_it_comes(self, wechatpay: WechatpayDesk) -> None:
        assert [post_notice("wechatpay", wechatpay.signed()) for _time in range(11)] == [(200, b"success")] * 11
        assert (wallet_of(wechatpay.top_up.account_id), Sms.objects.count()) == ((50_00, 0, 1), 1)

    def test_refuses_a_second_payment_of_the_same_order(self, wechatpay: WechatpayDesk) -> None:
        post_notice("wechatpay", wechatpay.signed())
        assert post_notice("wechatpay", wechatpay.signed(transaction_id="other")) == (400, b"PAID_TWICE")
        assert wallet_of(wechatpay.top_up.account_id) == (50_00, 0, 1)

    def test_credits_what_is_paid_after_all(self, wechatpay: WechatpayDesk) -> None:
        assert post_notice("wechatpay", wechatpay.signed(trade_state="PAYERROR")) == (200, b"success")
        assert_nothing_moved(wechatpay.top_up, state="FAILED")
        assert post_notice("wechatpay", wechatpay.signed()) == (200, b"success")
        assert post_notice("wechatpay", wechatpay.signed(trade_state="CLOSED")) == (200, b"success")
        assert wallet_of(wechatpay.top_up.account_id) == (50_00, 0, 1)
