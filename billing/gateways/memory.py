"""A payment provider in memory, for tests: it can be told what to answer, and to fall silent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

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

_SIGNED = "memory"


class MemoryProvider(PaymentProvider):
    """Keeps payments in a dictionary. `silent` makes every question go unanswered."""

    name = "memory"

    def __init__(self) -> None:
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, tuple[str, int, ProviderRefund]] = {}
        self.refund_outcome = RefundOutcome.DONE
        self.silent = False

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
        self._answer()
        open_payment = Payment(payment_number, f"M{payment_number}", PaymentOutcome.OPEN, 0, "CNY", self.merchant)
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
        unheard = Payment(payment_number, "", PaymentOutcome.REFUSED, 0, "CNY", self.merchant)
        return self.payments.get(payment_number, unheard)

    def refund_payment(
        self, *, refund_number: str, payment_number: str, paid_fen: int, amount_fen: int, reason: str, now: datetime
    ) -> ProviderRefund:
        self._answer()
        paid = self.payments.get(payment_number)
        given_fen = sum(fen for number, fen, _answer in self.refunds.values() if number == payment_number)
        if refund_number not in self.refunds:
            if paid is None or given_fen + amount_fen > paid.paid_fen:
                return ProviderRefund(RefundOutcome.REFUSED)
            if self.refund_outcome is not RefundOutcome.DONE:
                return ProviderRefund(self.refund_outcome)
            done = ProviderRefund(RefundOutcome.DONE, f"M{refund_number}", now)
            self.refunds[refund_number] = (payment_number, amount_fen, done)
        return self.refunds[refund_number][2]

    def read_statement(self, *, content: bytes) -> list[StatementLine]:
        return read_plain_statement(content, merchant=self.merchant)

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
