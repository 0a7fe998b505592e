"""What the hall asks of a bank whose cards are linked. tests/billing/gateways/test_bank_contract.py runs over each.

Everything at the bank is named by numbers of ours, so that a question can be repeated and an outcome asked for.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from billing.models import BankAccountKind, TopUpFailure
from kernel.errors import DomainError


class BankPaymentOutcome(StrEnum):
    """What became of a payment, in the bank's books."""

    PAID = "PAID"
    REFUSED = "REFUSED"
    UNDER_WAY = "UNDER_WAY"
    NEVER_HEARD_OF = "NEVER_HEARD_OF"


@dataclass(frozen=True, slots=True)
class BankPayment:
    """What the bank knows of a payment.

    :param paid_fen: what was taken, 0 unless PAID.
    :param refusal: why not; only of a REFUSED one.
    """

    outcome: BankPaymentOutcome
    bank_number: str = ""
    paid_fen: int = 0
    refusal: TopUpFailure = TopUpFailure.REFUSED


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the customer and the bank have agreed on.

    :ivar token: what a payment is asked for with; only this merchant can use it.
    :ivar account_reference: the bank's name of the account behind the card, the same in every agreement about it.
    """

    token: str
    account_reference: str


class BankUnavailable(DomainError):
    """The bank did not answer, or not in a way that can be understood. What it did is unknown."""

    code = "BANK_UNAVAILABLE"
    message = _("The bank cannot be reached just now.")
    cure = _("Try again in a few minutes.")
    http_status = 503


class BankNotAsked(BankUnavailable):
    """The bank failed a moment ago and is left alone: this question never left the house."""


class CardNotAccepted(DomainError):
    """The bank does not let this card be linked in this way."""

    code = "CARD_NOT_ACCEPTED"
    message = _("The bank does not accept this card for linking.")
    cure = _("Check its number and which account it is, or ask your bank.")
    field = "card_number"


class BankCodeWrong(DomainError):
    """The code is not the one that the bank has sent."""

    code = "BANK_CODE_WRONG"
    message = _("This is not the code that the bank has sent.")
    field = "code"


class Bank(ABC):
    """A bank with which this hall has an agreement. Implementations hold no decisions: they translate.

    They wait BANK_TIMEOUT seconds at most; `billing.gateways.bank_guard` leaves a bank that fails alone for a while.
    """

    name: ClassVar[str]

    @abstractmethod
    def request_agreement(
        self, *, agreement_number: str, card_number: str, account_kind: BankAccountKind, msisdn: str, now: datetime
    ) -> None:
        """Ask for an agreement about a card; the bank sends its code to the number.

        :param agreement_number: our key of it, in every later question.
        :param card_number: all its digits; kept by nobody but the bank.
        :param msisdn: E.164, as the bank knows its customer.
        :raises CardNotAccepted: there will be none.
        :raises BankUnavailable: no usable answer.
        """

    @abstractmethod
    def send_code_again(self, *, agreement_number: str, now: datetime) -> None:
        """Have a fresh code sent; the one before stops working.

        :raises CardNotAccepted: the bank knows of no agreement that waits for a code.
        :raises BankUnavailable: no usable answer.
        """

    @abstractmethod
    def sign_agreement(self, *, agreement_number: str, code: str, now: datetime) -> Agreement:
        """Sign with the code that the customer got. Guesses are counted by the caller, before.

        :raises BankCodeWrong: it is another one.
        :raises CardNotAccepted: the agreement does not wait for a code any more.
        :raises BankUnavailable: no usable answer; the agreement may be signed or not.
        """

    @abstractmethod
    def end_agreement(self, *, agreement_number: str, now: datetime) -> None:
        """End an agreement, signed or not. One that the bank has never heard of can never be signed afterwards.

        Doing it again is harmless.

        :raises BankUnavailable: no usable answer; tell it again.
        """

    @abstractmethod
    def pay(
        self, *, payment_number: str, token: str, amount_fen: int, expires_at: datetime, now: datetime
    ) -> BankPayment:
        """Take money. The same payment number again is the same payment, and says how it stands.

        :param expires_at: the bank must not begin it from then on, however late the question reaches it.
        :return: PAID, REFUSED or UNDER_WAY.
        :raises BankUnavailable: no usable answer; it may be paid or not: ask by `query_payment`, do not pay again.
        """

    @abstractmethod
    def query_payment(self, *, payment_number: str, now: datetime) -> BankPayment:
        """Ask what became of a payment.

        :raises BankUnavailable: no usable answer; the truth is still unknown.
        """
