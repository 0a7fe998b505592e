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
from django.db import transaction
from django.db.models import F, Sum
from django.urls import reverse

from billing.gateways.base import (
    NoticeSignatureWrong,
    NoticeUnreadable,
    Payer,
    Payment,
    PaymentNotice,
    PaymentOutcome,
    PaymentProvider,
    ProviderRefund,
    ProviderUnavailable,
    RefundOutcome,
    StatementLine,
)
from billing.gateways.plain_statement import read_plain_statement
from billing.models import SandboxPayment, SandboxRefund

TIMESTAMP_HEADER = "X-Sandbox-Timestamp"
SIGNATURE_HEADER = "X-Sandbox-Signature"
SHORTEST_SECRET = 32
_CURRENCY = "CNY"
_NUMBER = re.compile(r"[\x21-\x7e]{1,64}\Z")
_DIGITS = re.compile(r"[0-9]{1,20}\Z")
_SHAPE: dict[str, type] = {
    "payment_number": str,
    "provider_payment_number": str,
    "outcome": str,
    "paid_fen": int,
    "currency": str,
    "merchant": str,
    "paid_at": str,
}


class SandboxProvider(PaymentProvider):
    """The sandbox as the hall sees it."""

    name = "sandbox"

    @property
    def merchant(self) -> str:
        return str(settings.PAYMENT_MERCHANT)

    def create_payment(
        self,
        *,
        payment_number: str,
        amount_fen: int,
        title: str,
        return_path: str,
        payer: Payer,
        expires_at: datetime,
        now: datetime,
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
            return PaymentNotice(_payment_from(_fields_of(body)), _instant_of(timestamp))
        except (ValueError, OverflowError, OSError, RecursionError):
            raise NoticeUnreadable from None

    def query_payment(self, *, payment_number: str) -> Payment:
        rows = SandboxPayment.objects.filter(payment_number=payment_number)
        if rows.filter(silences__gt=0).update(silences=F("silences") - 1):
            raise ProviderUnavailable
        row = rows.first()
        if row is None:
            return Payment(payment_number, "", PaymentOutcome.REFUSED, 0, _CURRENCY, self.merchant)
        return payment_of(row)

    def refund_payment(
        self, *, refund_number: str, payment_number: str, paid_fen: int, amount_fen: int, reason: str, now: datetime
    ) -> ProviderRefund:
        with transaction.atomic():
            paid = SandboxPayment.objects.select_for_update().filter(payment_number=payment_number).first()
            refund = SandboxRefund.objects.filter(refund_number=refund_number).first()
            if refund is None:
                if paid is None or paid.outcome != PaymentOutcome.PAID or amount_fen > _left_fen(paid):
                    return ProviderRefund(RefundOutcome.REFUSED)
                refund = SandboxRefund.objects.create(
                    refund_number=refund_number,
                    payment_number=payment_number,
                    provider_refund_number=f"SR{secrets.token_hex(12)}",
                    amount_fen=amount_fen,
                    refunded_at=now,
                )
        return ProviderRefund(RefundOutcome.DONE, refund.provider_refund_number, refund.refunded_at)

    def read_statement(self, *, content: bytes) -> list[StatementLine]:
        return read_plain_statement(content, merchant=self.merchant)


def _left_fen(paid: SandboxPayment) -> int:
    given = SandboxRefund.objects.filter(payment_number=paid.payment_number).aggregate(fen=Sum("amount_fen"))["fen"]
    return paid.amount_fen - (given or 0)


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
        paid_at=row.decided_at if outcome is PaymentOutcome.PAID else None,
    )


def signed_notice(payment: Payment, *, now: datetime) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of the notice about a payment, as the sandbox posts it."""
    fields = {name: getattr(payment, name) for name in _SHAPE}
    fields["paid_at"] = payment.paid_at.isoformat() if payment.paid_at else ""
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


def _instant_of(timestamp: str) -> datetime:
    """:raises ValueError, OverflowError, OSError: it is not a number of seconds in plain digits."""
    if not _DIGITS.match(timestamp):
        raise ValueError("not a timestamp")
    return datetime.fromtimestamp(int(timestamp), UTC)


def _fields_of(body: bytes) -> Any:
    """Read JSON in which no name stands twice: of two amounts each reader might take another one.

    :raises ValueError, RecursionError: it is anything else.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise ValueError("a name stands twice")
        return fields

    return json.loads(body.decode(), object_pairs_hook=once)


def _payment_from(fields: Any) -> Payment:
    """Read the body of a notice strictly: exactly the fields of the shape, each of its exact type, numbers in ASCII.

    :raises ValueError: it is anything else.
    """
    if not isinstance(fields, dict) or {name: type(value) for name, value in fields.items()} != _SHAPE:
        raise ValueError("not the shape of a notice")
    if not all(_NUMBER.match(fields[name]) for name in ("payment_number", "provider_payment_number")):
        raise ValueError("not the number of a payment")
    paid_at = datetime.fromisoformat(fields["paid_at"]) if fields["paid_at"] else None
    if paid_at and paid_at.tzinfo is None:
        raise ValueError("an instant without its time zone")
    return Payment(**{**fields, "outcome": PaymentOutcome(fields["outcome"]), "paid_at": paid_at})
