import json
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from billing.gateways.base import NoticeSignatureWrong, NoticeUnreadable, Payment, PaymentOutcome
from billing.gateways.sandbox import SIGNATURE_HEADER, TIMESTAMP_HEADER, SandboxProvider, signed, signed_notice
from tests.factories.billing import NOW

PAID = Payment("N1", "SB1", PaymentOutcome.PAID, 50_00, "CNY", "online-business-hall")


def read(body: bytes, headers: dict[str, str]) -> Payment:
    return SandboxProvider().read_notice(body=body, headers=headers).payment


class TestReadNotice:
    def test_reads_what_was_signed(self) -> None:
        body, headers = signed_notice(PAID, now=NOW)
        assert read(body, headers) == PAID

    @pytest.mark.parametrize(
        "forge",
        [
            lambda body, headers: (body + b" ", headers),
            lambda body, headers: (body.replace(b"5000", b"9000"), headers),
            lambda body, headers: (body, {**headers, TIMESTAMP_HEADER: str(int(headers[TIMESTAMP_HEADER]) + 1)}),
            lambda body, headers: (body, {**headers, SIGNATURE_HEADER: headers[SIGNATURE_HEADER][:-1]}),
            lambda body, headers: (body, {**headers, SIGNATURE_HEADER: headers[SIGNATURE_HEADER].upper()}),
            lambda body, headers: (body, {**headers, SIGNATURE_HEADER: ""}),
            lambda body, headers: (body, {**headers, SIGNATURE_HEADER: "é" * 64}),
            lambda body, headers: (body, {}),
            lambda body, headers: (b"", headers),
        ],
    )
    def test_refuses_what_was_changed_on_the_way(self, forge: Any) -> None:
        body, headers = forge(*signed_notice(PAID, now=NOW))
        with pytest.raises(NoticeSignatureWrong):
            read(body, headers)

    def test_refuses_what_was_signed_with_another_secret(self, settings: Settings) -> None:
        settings.PAYMENT_SANDBOX_SECRET = "another secret that is long enough to be one"
        body, headers = signed_notice(PAID, now=NOW)
        settings.PAYMENT_SANDBOX_SECRET = "the secret that the hall itself has been given"
        with pytest.raises(NoticeSignatureWrong):
            read(body, headers)

    @pytest.mark.parametrize(
        "change",
        [
            {"paid_fen": "5000"},
            {"paid_fen": 50.0},
            {"paid_fen": True},
            {"paid_fen": None},
            {"outcome": "MAYBE"},
            {"payment_number": 1},
            {"payment_number": "N1\0"},
            {"payment_number": "\ud800"},
            {"provider_payment_number": ""},
            {"provider_payment_number": "9" * 65},
            {"extra": "x"},
        ],
    )
    def test_refuses_fields_of_another_shape(self, change: dict[str, Any]) -> None:
        fields = {**json.loads(signed_notice(PAID, now=NOW)[0]), **change}
        with pytest.raises(NoticeUnreadable):
            read(*signed(json.dumps(fields).encode(), now=NOW))

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe", b'{"payment_number":"N1"}', b"[" * 100_000]
    )
    def test_refuses_a_body_that_is_no_notice(self, body: bytes) -> None:
        with pytest.raises(NoticeUnreadable):
            read(*signed(body, now=NOW))

    @pytest.mark.parametrize("secret", ["", "too short"])
    def test_does_not_work_without_a_secret(self, settings: Settings, secret: str) -> None:
        body, headers = signed_notice(PAID, now=NOW)
        settings.PAYMENT_SANDBOX_SECRET = secret
        with pytest.raises(ImproperlyConfigured):
            read(body, headers)
