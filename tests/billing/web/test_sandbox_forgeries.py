"""Notices of the sandbox that are not what they should be: each is refused, and the genuine one is still believed."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from billing.gateways.base import Payment, PaymentOutcome
from billing.gateways.sandbox import SIGNATURE_HEADER, TIMESTAMP_HEADER, signed, signed_notice
from billing.models import TopUp
from messaging.models import Sms
from tests.factories.billing import entries_of, make_line, make_top_up, wallet_of
from tests.notices import Notice, assert_nothing_moved, post_notice

pytestmark = pytest.mark.django_db

SUCCESS = (200, b"success")


class SandboxDesk:
    """One top-up of 50 yuan that was paid at the sandbox, and notices about it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.now = timezone.now()
        self.top_up = make_top_up(make_line())
        self.paid = Payment(
            self.top_up.payment_number, "SB1", PaymentOutcome.PAID, 50_00, "CNY", "online-business-hall", self.now
        )

    def genuine(self, *, at: datetime | None = None, **changes: Any) -> Notice:
        return signed_notice(replace(self.paid, **changes), now=at or self.now)

    def headers(self, **changes: str | None) -> Notice:
        """Change headers after the notice was signed; None takes one away."""
        body, headers = self.genuine()
        names = {"signature": SIGNATURE_HEADER, "timestamp": TIMESTAMP_HEADER}
        changed = headers | {names[name]: value for name, value in changes.items()}
        return body, {name: value for name, value in changed.items() if value is not None}

    @property
    def signature(self) -> str:
        return self.genuine()[1][SIGNATURE_HEADER]

    def body(self, change: Callable[[bytes], bytes]) -> Notice:
        """Change the body after it was signed."""
        body, headers = self.genuine()
        return change(body), headers

    def signed_body(self, change: Callable[[bytes], bytes]) -> Notice:
        """Change the body before it is signed: what a provider gone wrong might send."""
        return signed(change(self.genuine()[0]), now=self.now)

    def fields(self, **changes: Any) -> Notice:
        """Change fields to values of any type before they are signed."""
        return self.signed_body(lambda body: json.dumps(json.loads(body) | changes).encode())

    def without(self, name: str) -> Notice:
        def change(body: bytes) -> bytes:
            fields = json.loads(body)
            del fields[name]
            return json.dumps(fields).encode()

        return self.signed_body(change)

    def amount(self, written: bytes) -> Notice:
        """Write the amount in the JSON in an odd way."""
        return self.signed_body(lambda body: body.replace(b"5000", written))

    def signed_at(self, timestamp: str) -> Notice:
        """Sign properly, but write the instant in an odd way."""
        body, headers = self.genuine()
        key = self.settings.PAYMENT_SANDBOX_SECRET.encode()
        signature = hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return body, headers | {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature}

    def signed_with(self, key: str) -> Notice:
        ours, self.settings.PAYMENT_SANDBOX_SECRET = self.settings.PAYMENT_SANDBOX_SECRET, key
        notice = self.genuine()
        self.settings.PAYMENT_SANDBOX_SECRET = ours
        return notice

    def of_alipay(self) -> Notice:
        return self.genuine(payment_number=make_top_up(make_line(), provider="alipay").payment_number)


WRONG, UNREADABLE, NOT_RECENT = b"NOTICE_SIGNATURE_WRONG", b"NOTICE_UNREADABLE", b"NOTICE_NOT_RECENT"
UNKNOWN, AMOUNT = b"PAYMENT_UNKNOWN", b"PAID_AMOUNT_DIFFERS"
FORGERIES: dict[str, tuple[Callable[[SandboxDesk], Notice], bytes]] = {
    "nothing at all": (lambda d: (b"", {}), WRONG),
    "no body": (lambda d: d.body(lambda _body: b""), WRONG),
    "no signature": (lambda d: d.headers(signature=None), WRONG),
    "empty signature": (lambda d: d.headers(signature=""), WRONG),
    "short signature": (lambda d: d.headers(signature=d.signature[:-1]), WRONG),
    "signature in capitals": (lambda d: d.headers(signature=d.signature.upper()), WRONG),
    "signature in odd letters": (lambda d: d.headers(signature="é" * 64), WRONG),
    "signature twice": (lambda d: d.headers(signature=f"{d.signature},{d.signature}"), WRONG),
    "signature of another notice": (lambda d: (d.genuine()[0], d.genuine(paid_fen=1)[1]), WRONG),
    "stranger's key": (lambda d: d.signed_with("a stranger's key, as long as one has to be"), WRONG),
    "no time": (lambda d: d.headers(timestamp=None), WRONG),
    "time moved": (lambda d: d.headers(timestamp=str(int(d.now.timestamp()) + 1)), WRONG),
    "time with a zero before it": (lambda d: d.headers(timestamp=f"0{int(d.now.timestamp())}"), WRONG),
    "amount changed": (lambda d: d.body(lambda body: body.replace(b"5000", b"9000")), WRONG),
    "order changed": (lambda d: d.body(lambda body: body.replace(d.top_up.payment_number.encode(), b"x")), WRONG),
    "blank added": (lambda d: d.body(lambda body: body + b" "), WRONG),
    "field added": (lambda d: d.body(lambda body: body[:-1] + b',"paid_fen":1}'), WRONG),
    "too old": (lambda d: d.genuine(at=d.now - timedelta(seconds=301)), NOT_RECENT),
    "of the future": (lambda d: d.genuine(at=d.now + timedelta(seconds=330)), NOT_RECENT),
    "of the year 1970": (lambda d: d.signed_at("0"), NOT_RECENT),
    "time below zero": (lambda d: d.signed_at("-1"), UNREADABLE),
    "time as a fraction": (lambda d: d.signed_at(f"{d.now.timestamp()}"), UNREADABLE),
    "time with a plus": (lambda d: d.signed_at(f"+{int(d.now.timestamp())}"), UNREADABLE),
    "time with an underline": (lambda d: d.signed_at(f"{int(d.now.timestamp()):_}"), UNREADABLE),
    "time without end": (lambda d: d.signed_at("9" * 20), UNREADABLE),
    "empty time": (lambda d: d.signed_at(""), UNREADABLE),
    "smaller amount": (lambda d: d.genuine(paid_fen=1), AMOUNT),
    "larger amount": (lambda d: d.genuine(paid_fen=50_01), AMOUNT),
    "no amount of money": (lambda d: d.genuine(paid_fen=0), AMOUNT),
    "negative amount": (lambda d: d.genuine(paid_fen=-50_00), AMOUNT),
    "amount beyond all numbers": (lambda d: d.amount(b"1" * 4_000), AMOUNT),
    "amount of too many digits": (lambda d: d.amount(b"1" * 5_000), UNREADABLE),
    "amount as a fraction": (lambda d: d.amount(b"5000.0"), UNREADABLE),
    "amount with an exponent": (lambda d: d.amount(b"5e3"), UNREADABLE),
    "amount with a zero before it": (lambda d: d.amount(b"05000"), UNREADABLE),
    "amount in full-width digits": (lambda d: d.amount("５０００".encode()), UNREADABLE),
    "amount as a text": (lambda d: d.amount(b'"5000"'), UNREADABLE),
    "amount as a truth": (lambda d: d.amount(b"true"), UNREADABLE),
    "amount that is no number": (lambda d: d.amount(b"NaN"), UNREADABLE),
    "amount twice": (lambda d: d.amount(b'1,"paid_fen":5000'), UNREADABLE),
    "amount under an escaped name as well": (lambda d: d.amount(b'1,"p\\u0061id_fen":5000'), UNREADABLE),
    "other currency": (lambda d: d.genuine(currency="USD"), b"CURRENCY_DIFFERS"),
    "currency in small letters": (lambda d: d.genuine(currency="cny"), b"CURRENCY_DIFFERS"),
    "other merchant": (lambda d: d.genuine(merchant="another-hall"), b"MERCHANT_DIFFERS"),
    "no merchant": (lambda d: d.genuine(merchant=""), b"MERCHANT_DIFFERS"),
    "unknown order": (lambda d: d.genuine(payment_number="20261122ffffffffffffffffffffffff"), UNKNOWN),
    "order of another provider": (SandboxDesk.of_alipay, UNKNOWN),
    "order with a NUL": (lambda d: d.genuine(payment_number=f"{d.top_up.payment_number}\0"), UNREADABLE),
    "order with a blank": (lambda d: d.genuine(payment_number=f"{d.top_up.payment_number} "), UNREADABLE),
    "order as a list": (lambda d: d.fields(payment_number=[d.top_up.payment_number]), UNREADABLE),
    "half a letter": (lambda d: d.fields(payment_number="\ud800"), UNREADABLE),
    "odd number of theirs": (lambda d: d.genuine(provider_payment_number="9" * 65), UNREADABLE),
    "still open": (lambda d: d.genuine(outcome=PaymentOutcome.OPEN), b"PAYMENT_UNDECIDED"),
    "given back": (lambda d: d.genuine(outcome=PaymentOutcome.GIVEN_BACK), b"PAYMENT_GIVEN_BACK"),
    "odd state": (lambda d: d.fields(outcome="paid"), UNREADABLE),
    "no state": (lambda d: d.without("outcome"), UNREADABLE),
    "odd instant of payment": (lambda d: d.fields(paid_at="yesterday"), UNREADABLE),
    "instant without its time zone": (lambda d: d.fields(paid_at="2026-11-22T14:30:00"), UNREADABLE),
    "field too many": (lambda d: d.fields(extra=""), UNREADABLE),
    "list around it": (lambda d: d.signed_body(lambda body: b"[" + body + b"]"), UNREADABLE),
    "two of them": (lambda d: d.signed_body(lambda body: body + body), UNREADABLE),
    "a hundred thousand brackets": (lambda d: d.signed_body(lambda _body: b"[" * 100_000), UNREADABLE),
    "another encoding": (lambda d: d.signed_body(lambda body: body.decode().encode("utf-16")), UNREADABLE),
    "mark of an encoding": (lambda d: d.signed_body(lambda body: b"\xef\xbb\xbf" + body), UNREADABLE),
}  # fmt: skip


@pytest.fixture
def desk(settings: Settings) -> SandboxDesk:
    return SandboxDesk(settings)


class TestSandbox:
    @pytest.mark.parametrize("kind", FORGERIES)
    def test_refuses_and_then_believes_the_genuine_one(self, desk: SandboxDesk, kind: str) -> None:
        forge, code = FORGERIES[kind]
        assert post_notice("sandbox", forge(desk)) == (400, code)
        assert_nothing_moved(desk.top_up)
        assert post_notice("sandbox", desk.genuine()) == SUCCESS
        assert entries_of(desk.top_up.account_id) == [(1, "CASH", 50_00, 0, 50_00)]

    def test_refuses_a_body_without_end(self, desk: SandboxDesk) -> None:
        status, _page = post_notice("sandbox", desk.signed_body(lambda body: body + b" " * 3_000_000))
        assert status == 400
        assert_nothing_moved(desk.top_up)

    @pytest.mark.parametrize("path", ["alipay", "wechatpay", "memory", "SANDBOX", "sandbox%00"])
    def test_is_not_believed_at_the_address_of_another_provider(self, desk: SandboxDesk, path: str) -> None:
        assert post_notice(path, desk.genuine())[0] == 404
        assert_nothing_moved(desk.top_up)

    def test_is_believed_with_its_headers_in_any_case(self, desk: SandboxDesk) -> None:
        body, headers = desk.genuine()
        assert post_notice("sandbox", (body, {name.lower(): value for name, value in headers.items()})) == SUCCESS

    def test_is_believed_to_the_edge_of_its_time(self, desk: SandboxDesk) -> None:
        assert post_notice("sandbox", desk.genuine(at=desk.now - timedelta(seconds=290))) == SUCCESS

    def test_credits_once_however_often_it_is_replayed(self, desk: SandboxDesk) -> None:
        notice = desk.genuine()
        assert [post_notice("sandbox", notice) for _time in range(11)] == [SUCCESS] * 11
        assert (wallet_of(desk.top_up.account_id), Sms.objects.count()) == ((50_00, 0, 1), 1)

    def test_does_not_credit_a_second_payment_of_the_same_order(self, desk: SandboxDesk) -> None:
        post_notice("sandbox", desk.genuine())
        assert post_notice("sandbox", desk.genuine(provider_payment_number="SB2")) == (400, b"PAID_TWICE")
        assert (wallet_of(desk.top_up.account_id), TopUp.objects.get().provider_payment_number) == (
            (50_00, 0, 1),
            "SB1",
        )
