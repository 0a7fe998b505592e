"""What the hall asks of a payment provider. tests/billing/gateways/test_contract.py runs over every implementation."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError


class PaymentOutcome(StrEnum):
    """What became of a payment, in the provider's books."""

    OPEN = "OPEN"
    PAID = "PAID"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Payment:
    """What the provider knows of a payment.

    :param paid_fen: what was paid, 0 unless PAID.
    """

    payment_number: str
    provider_payment_number: str
    outcome: PaymentOutcome
    paid_fen: int
    currency: str
    merchant: str


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


class ProviderUnavailable(DomainError):
    """The provider did not answer, or not in a way that can be understood."""

    code = "PROVIDER_UNAVAILABLE"
    message = _("The payment service cannot be reached just now.")
    cure = _("Try again in a few minutes.")
    http_status = 503


class PaymentProvider(ABC):
    """A payment provider. Implementations hold no decisions: they translate."""

    name: ClassVar[str]

    @abstractmethod
    def create_payment(
        self, *, payment_number: str, amount_fen: int, title: str, return_path: str, now: datetime
    ) -> str:
        """Tell the provider of a payment to come and return where the customer pays it. Doing it again is harmless.

        :param title: what the customer reads at the provider's.
        :param return_path: path of the page the customer comes back to.
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
