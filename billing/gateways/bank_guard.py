"""A bank behind a breaker: one that hangs or fails is left alone, and asked again a little later."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog

from billing.gateways.bank_base import Agreement, Bank, BankNotAsked, BankPayment, BankUnavailable
from billing.models import BankAccountKind
from kernel.breaker import Breaker, BreakerOpen

log = structlog.get_logger(__name__)


class GuardedBank(Bank):
    """Passes every question on to a bank unless it has just failed; refusals are answers, silence is a failure."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.breaker = Breaker()

    @property
    def is_left_alone(self) -> bool:
        """Whether a question would not be asked now."""
        return self.breaker.is_open

    def request_agreement(
        self, *, agreement_number: str, card_number: str, account_kind: BankAccountKind, msisdn: str, now: datetime
    ) -> None:
        with self._asking():
            self.bank.request_agreement(
                agreement_number=agreement_number,
                card_number=card_number,
                account_kind=account_kind,
                msisdn=msisdn,
                now=now,
            )

    def send_code_again(self, *, agreement_number: str, now: datetime) -> None:
        with self._asking():
            self.bank.send_code_again(agreement_number=agreement_number, now=now)

    def sign_agreement(self, *, agreement_number: str, code: str, now: datetime) -> Agreement:
        with self._asking():
            return self.bank.sign_agreement(agreement_number=agreement_number, code=code, now=now)

    def end_agreement(self, *, agreement_number: str, now: datetime) -> None:
        with self._asking():
            self.bank.end_agreement(agreement_number=agreement_number, now=now)

    def pay(
        self, *, payment_number: str, token: str, amount_fen: int, expires_at: datetime, now: datetime
    ) -> BankPayment:
        with self._asking():
            return self.bank.pay(
                payment_number=payment_number, token=token, amount_fen=amount_fen, expires_at=expires_at, now=now
            )

    def query_payment(self, *, payment_number: str, now: datetime) -> BankPayment:
        with self._asking():
            return self.bank.query_payment(payment_number=payment_number, now=now)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            with self.breaker.guard(BankUnavailable):
                yield
        except BreakerOpen:
            raise BankNotAsked from None
        except BankUnavailable as error:
            log.warning("bank_unavailable", bank=self.bank.name, error=type(error.__cause__ or error).__name__)
            raise
