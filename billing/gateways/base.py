"""What the hall asks of a payment provider. tests/billing/gateways/test_contract.py runs over every implementation."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError

_NUMBER = re.compile(r"[\x21-\x7e]{1,64}\Z")


class PaymentOutcome(StrEnum):
    """What became of a payment, in the provider's books."""

    OPEN = "OPEN"
    PAID = "PAID"
    REFUSED = "REFUSED"
    GIVEN_BACK = "GIVEN_BACK"


@dataclass(frozen=True, slots=True)
class Payment:
    """What the provider knows of a payment.

    :param paid_fen: what was paid, 0 unless PAID.
    :param paid_at: when, by the provider's clock; None when it was not paid or the provider does not say.
    """

    payment_number: str
    provider_payment_number: str
    outcome: PaymentOutcome
    paid_fen: int
    currency: str
    merchant: str
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Payer:
    """Who is sent to the provider's page.

    :param address: IP address of the browser, as the provider's risk rules want it.
    :param on_handset: the browser runs on a phone.
    """

    address: str
    on_handset: bool


def parse_number(text: object) -> str:
    """Return a payment's number as a provider gave it.

    :raises ValueError: no payment can have it.
    """
    if not isinstance(text, str) or not _NUMBER.match(text):
        raise ValueError("not the number of a payment")
    return text


class RefundOutcome(StrEnum):
    """What became of a refund, in the provider's books."""

    DONE = "DONE"
    UNDER_WAY = "UNDER_WAY"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """What the provider did with a refund.

    :param refunded_at: when the money went back, by the provider's clock; None when it does not say.
    """

    outcome: RefundOutcome
    provider_refund_number: str = ""
    refunded_at: datetime | None = None


class Movement(StrEnum):
    """What a line of a provider's file is about."""

    PAYMENT = "PAYMENT"
    REFUND = "REFUND"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement in a provider's file of a day.

    :param number: our own number of the payment or refund.
    :param amount_fen: what was paid or given back, never negative.
    """

    movement: Movement
    number: str
    provider_number: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class PaymentNotice:
    """A payment, told by the provider without being asked; `signed_at` is when, by the provider's signed word."""

    payment: Payment
    signed_at: datetime


class NoticeUnreadable(DomainError):
    """The notice is signed well but does not say what a notice must say."""

    code = "NOTICE_UNREADABLE"
    message = _("The payment notice cannot be read.")
    http_status = 400


class NoticeSignatureWrong(DomainError):
    """The notice does not come from the provider, or was changed on the way."""

    code = "NOTICE_SIGNATURE_WRONG"
    message = _("The payment notice is not signed by the provider.")
    http_status = 400


class StatementUnreadable(DomainError):
    """The file is not a statement of this provider and merchant."""

    code = "STATEMENT_UNREADABLE"
    message = _("The payment provider's file cannot be read.")
    http_status = 400


class ProviderUnavailable(DomainError):
    """The provider did not answer, or not in a way that can be understood."""

    code = "PROVIDER_UNAVAILABLE"
    message = _("The payment service cannot be reached just now.")
    cure = _("Try again in a few minutes.")
    http_status = 503


class PaymentProvider(ABC):
    """A payment provider. Implementations hold no decisions: they translate."""

    name: ClassVar[str]

    @property
    @abstractmethod
    def merchant(self) -> str:
        """How this provider names us; payments to anybody else are none of ours."""

    @abstractmethod
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
        """Tell the provider of a payment to come and return where the customer pays it. Doing it again is harmless.

        :param title: what the customer reads at the provider's.
        :param return_path: path of the page the customer comes back to.
        :param expires_at: until when it can be paid.
        :raises ProviderUnavailable: no usable answer; try again with the same payment number.
        """

    @abstractmethod
    def read_notice(self, *, body: bytes, headers: Mapping[str, str]) -> PaymentNotice:
        """Verify and read a notice. Whether it is recent and fits the top-up is judged by the caller.

        :param body: the exact bytes received.
        :param headers: names in any case.
        :raises NoticeSignatureWrong: not signed by the provider.
        :raises NoticeUnreadable: signed, but not a notice.
        """

    @abstractmethod
    def query_payment(self, *, payment_number: str) -> Payment:
        """Ask the provider what became of a payment. One it has never heard of was never paid: REFUSED.

        :raises ProviderUnavailable: no usable answer; the truth is still unknown.
        """

    @abstractmethod
    def refund_payment(
        self, *, refund_number: str, payment_number: str, paid_fen: int, amount_fen: int, reason: str, now: datetime
    ) -> ProviderRefund:
        """Have money given back to the payer. The same refund number again is the same refund, and says how it stands.

        :param refund_number: our key of this refund.
        :param paid_fen: what was paid in all.
        :param amount_fen: how much of it goes back.
        :param reason: what the payer may read.
        :raises ProviderUnavailable: no usable answer; ask again with the same refund number.
        """

    @abstractmethod
    def read_statement(self, *, content: bytes) -> list[StatementLine]:
        """Read the provider's file of a day, in the order of the file.

        :raises StatementUnreadable: it is none, or of another merchant.
        """
