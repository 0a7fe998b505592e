"""The sandbox: a payment provider built in, for demonstrations and tests. It signs like a real one; no money moves.

Its books are `SandboxPayment` rows, its cashier is a page (`billing.web.sandbox_cashier`), its notices come over HTTP.
A notice is a JSON body under an HMAC-SHA256 of timestamp and body, keyed with PAYMENT_SANDBOX_SECRET.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from billing.gateways.base import (
    NoticeSignatureWrong,
    NoticeUnreadable,
    Payment,
    PaymentNotice,
    PaymentOutcome,
    PaymentProvider,
)
from billing.models import SandboxPayment

TIMESTAMP_HEADER = "X-Sandbox-Timestamp"
SIGNATURE_HEADER = "X-Sandbox-Signature"
SHORTEST_SECRET = 32
_CURRENCY = "CNY"
_NUMBER = re.compile(r"[\x21-\x7e]{1,64}\Z")
_SHAPE: dict[str, type] = {
    "payment_number": str,
    "provider_payment_number": str,
    "outcome": str,
    "paid_fen": int,
    "currency": str,
    "merchant": str,
}


class SandboxProvider(PaymentProvider):
    """The sandbox as the hall sees it."""

    name = "sandbox"

    def create_payment(
        self, *, payment_number: str, amount_fen: int, title: str, return_path: str, now: datetime
    ) -> str:
        payment = SandboxPayment(
            payment_number=payment_number,
            provider_payment_number=f"SB{secrets.token_hex(12)}",
            title=title,
            amount_fen=amount_fen,
            return_path=return_path,
            outcome=PaymentOutcome.OPEN,
            opened_at=now,
        )
        SandboxPayment.objects.bulk_create([payment], ignore_conflicts=True)
        return reverse("billing:cashier", args=[payment_number])

    def read_notice(self, *, body: bytes, headers: Mapping[str, str]) -> PaymentNotice:
        timestamp = headers.get(TIMESTAMP_HEADER, "")
        if not hmac.compare_digest(_signature(timestamp, body).encode(), headers.get(SIGNATURE_HEADER, "").encode()):
            raise NoticeSignatureWrong
        try:
            return PaymentNotice(_payment_from(json.loads(body)), datetime.fromtimestamp(int(timestamp), UTC))
        except (ValueError, OverflowError, OSError, RecursionError):
            raise NoticeUnreadable from None

    def query_payment(self, *, payment_number: str) -> Payment:
        row = SandboxPayment.objects.filter(payment_number=payment_number).first()
        if row is None:
            return Payment(payment_number, "", PaymentOutcome.REFUSED, 0, _CURRENCY, settings.PAYMENT_MERCHANT)
        return payment_of(row)


def payment_of(row: SandboxPayment) -> Payment:
    """Return what the sandbox's books say of a payment."""
    outcome = PaymentOutcome(row.outcome)
    return Payment(
        payment_number=row.payment_number,
        provider_payment_number=row.provider_payment_number,
        outcome=outcome,
        paid_fen=row.amount_fen if outcome is PaymentOutcome.PAID else 0,
        currency=_CURRENCY,
        merchant=settings.PAYMENT_MERCHANT,
    )


def signed_notice(payment: Payment, *, now: datetime) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of the notice about a payment, as the sandbox posts it."""
    fields = {name: getattr(payment, name) for name in _SHAPE}
    return signed(json.dumps(fields, separators=(",", ":")).encode(), now=now)


def signed(body: bytes, *, now: datetime) -> tuple[bytes, dict[str, str]]:
    """Return a body with the headers that sign it."""
    timestamp = str(int(now.timestamp()))
    return body, {
        "Content-Type": "application/json",
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: _signature(timestamp, body),
    }


def _signature(timestamp: str, body: bytes) -> str:
    secret = settings.PAYMENT_SANDBOX_SECRET
    if len(secret) < SHORTEST_SECRET:
        raise ImproperlyConfigured("PAYMENT_SANDBOX_SECRET is missing or too short: notices cannot be verified.")
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _payment_from(fields: Any) -> Payment:
    """Read the body of a notice strictly: exactly the fields of the shape, each of its exact type, numbers in ASCII.

    :raises ValueError: it is anything else.
    """
    if not isinstance(fields, dict) or {name: type(value) for name, value in fields.items()} != _SHAPE:
        raise ValueError("not the shape of a notice")
    if not all(_NUMBER.match(fields[name]) for name in ("payment_number", "provider_payment_number")):
        raise ValueError("not the number of a payment")
    return Payment(**{**fields, "outcome": PaymentOutcome(fields["outcome"])})
