"""A payment provider in memory, for tests: it can be told what to answer, and to fall silent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from billing.gateways.base import (
    NoticeSignatureWrong,
    NoticeUnreadable,
    Payment,
    PaymentNotice,
    PaymentOutcome,
    PaymentProvider,
    ProviderUnavailable,
)

_SIGNED = "memory"


class MemoryProvider(PaymentProvider):
    """Keeps payments in a dictionary. `silent` makes every question go unanswered."""

    name = "memory"

    def __init__(self) -> None:
        self.payments: dict[str, Payment] = {}
        self.silent = False

    def create_payment(
        self, *, payment_number: str, amount_fen: int, title: str, return_path: str, now: datetime
    ) -> str:
        self._answer()
        open_payment = Payment(
            payment_number, f"M{payment_number}", PaymentOutcome.OPEN, 0, "CNY", settings.PAYMENT_MERCHANT
        )
        self.payments.setdefault(payment_number, open_payment)
        return return_path

    def read_notice(self, *, body: bytes, headers: Mapping[str, str]) -> PaymentNotice:
        if headers.get("X-Memory-Signature") != _SIGNED:
            raise NoticeSignatureWrong
        payment = self.payments.get(body.decode(errors="replace"))
        if payment is None:
            raise NoticeUnreadable
        return PaymentNotice(payment, datetime.fromtimestamp(int(headers["X-Memory-Timestamp"]), UTC))

    def query_payment(self, *, payment_number: str) -> Payment:
        self._answer()
        unheard = Payment(payment_number, "", PaymentOutcome.REFUSED, 0, "CNY", settings.PAYMENT_MERCHANT)
        return self.payments.get(payment_number, unheard)

    def decide(self, payment_number: str, **changes: Any) -> None:
        """Change what is known of a payment, e.g. `outcome=PaymentOutcome.PAID, paid_fen=50_00`."""
        self.payments[payment_number] = replace(self.payments[payment_number], **changes)

    def notice(self, payment_number: str, *, now: datetime) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of the notice about a payment as it stands."""
        headers = {"X-Memory-Signature": _SIGNED, "X-Memory-Timestamp": str(int(now.timestamp()))}
        return payment_number.encode(), headers

    def _answer(self) -> None:
        if self.silent:
            raise ProviderUnavailable
