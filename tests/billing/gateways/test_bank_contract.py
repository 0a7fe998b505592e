"""What every bank must do. A new one is done when these pass with a bench of its own."""

from abc import ABC, abstractmethod
from datetime import timedelta

import pytest
from pytest_django import Settings

from billing.gateways.bank_base import (
    Agreement,
    Bank,
    BankCodeWrong,
    BankPayment,
    BankPaymentOutcome,
    BankUnavailable,
    CardNotAccepted,
)
from billing.gateways.bank_registry import BANKS
from billing.gateways.bank_sandbox import DELAY, NOT_ACCEPTED, SandboxBank
from billing.models import BankAccountKind, SandboxAgreement, SandboxBankPayment, TopUpFailure
from billing.queries.sandbox_cards import sandbox_card_number
from tests.factories.bank_cards import bank_code, other_code
from tests.factories.billing import NOW, make_line

pytestmark = pytest.mark.django_db

AGREEMENT, PAYMENT = "A20261122aaaaaaaaaaaaaaaaaaaaaaaa", "20261122bbbbbbbbbbbbbbbbbbbbbbbb"
EXPIRES = NOW + timedelta(minutes=5)


class Bench(ABC):
    """The bank's other side, as a test works it. A card pays until it is told otherwise."""

    bank: Bank
    # How long a payment that is under way takes.
    takes: timedelta

    def __init__(self, settings: Settings) -> None:
        raise NotImplementedError

    @property
    @abstractmethod
    def msisdn(self) -> str:
        """The number of the bank's customer."""

    @property
    @abstractmethod
    def card_number(self) -> str:
        """A card of that customer."""

    @property
    @abstractmethod
    def unwelcome_card_number(self) -> str:
        """A card that cannot be linked."""

    @abstractmethod
    def code(self) -> str:
        """The code that the customer got last."""

    @abstractmethod
    def let(self, what: str) -> None:
        """Let the card do something else: NO_MONEY, BLOCKED, DELAYS, PAYS_UNHEARD, HANGS."""

    @abstractmethod
    def taken_fen(self) -> list[int]:
        """What was taken from the account behind the card."""


class SandboxBench(Bench):
    takes = DELAY

    def __init__(self, settings: Settings) -> None:
        self.bank, self.line = SandboxBank(), make_line()

    @property
    def msisdn(self) -> str:
        return self.line.msisdn

    @property
    def card_number(self) -> str:
        return sandbox_card_number(msisdn=self.line.msisdn, kind_of_card="00")

    @property
    def unwelcome_card_number(self) -> str:
        return sandbox_card_number(msisdn=self.line.msisdn, kind_of_card=NOT_ACCEPTED)

    def code(self) -> str:
        return bank_code(self.line)

    def let(self, what: str) -> None:
        SandboxAgreement.objects.update(behaviour=what)

    def taken_fen(self) -> list[int]:
        return list(SandboxBankPayment.objects.filter(paid_at__isnull=False).values_list("amount_fen", flat=True))


BENCHES: dict[str, type[Bench]] = {"sandbox": SandboxBench}


@pytest.fixture(params=sorted(BANKS))
def bench(request: pytest.FixtureRequest, settings: Settings) -> Bench:
    return BENCHES[request.param](settings)


def ask(bench: Bench, number: str = AGREEMENT, kind: BankAccountKind = BankAccountKind.DEBIT) -> None:
    bench.bank.request_agreement(
        agreement_number=number, card_number=bench.card_number, account_kind=kind, msisdn=bench.msisdn, now=NOW
    )


def sign(bench: Bench, number: str = AGREEMENT, code: str = "") -> Agreement:
    return bench.bank.sign_agreement(agreement_number=number, code=code or bench.code(), now=NOW)


def signed(bench: Bench) -> Agreement:
    ask(bench)
    return sign(bench)


def pay(bench: Bench, agreement: Agreement, *, amount_fen: int = 50_00, seconds: int = 0) -> BankPayment:
    return bench.bank.pay(
        payment_number=PAYMENT,
        token=agreement.token,
        amount_fen=amount_fen,
        expires_at=EXPIRES,
        now=NOW + timedelta(seconds=seconds),
    )


class TestAgreements:
    def test_are_signed_with_the_code_that_was_sent(self, bench: Bench) -> None:
        agreement = signed(bench)
        assert agreement.token
        assert agreement.account_reference
        assert bench.card_number not in (agreement.token, agreement.account_reference)

    def test_are_the_same_when_signed_again(self, bench: Bench) -> None:
        ask(bench)
        code = bench.code()
        assert sign(bench, code=code) == sign(bench, code=code)

    def test_are_not_signed_with_another_code(self, bench: Bench) -> None:
        ask(bench)
        with pytest.raises(BankCodeWrong):
            sign(bench, code=other_code(bench.code()))

    def test_are_not_signed_with_the_code_before_the_last(self, bench: Bench) -> None:
        ask(bench)
        before = bench.code()
        bench.bank.send_code_again(agreement_number=AGREEMENT, now=NOW + timedelta(minutes=1))
        if bench.code() != before:
            with pytest.raises(BankCodeWrong):
                sign(bench, code=before)
        assert sign(bench).token

    def test_are_not_made_about_a_card_that_the_bank_does_not_let_be_linked(self, bench: Bench) -> None:
        with pytest.raises(CardNotAccepted):
            bench.bank.request_agreement(
                agreement_number=AGREEMENT,
                card_number=bench.unwelcome_card_number,
                account_kind=BankAccountKind.DEBIT,
                msisdn=bench.msisdn,
                now=NOW,
            )

    def test_name_the_account_behind_the_card(self, bench: Bench) -> None:
        first = signed(bench)
        references = {first.account_reference}
        later = NOW + timedelta(minutes=2)
        for number, kind in (("A2", BankAccountKind.DEBIT), ("A3", BankAccountKind.CREDIT)):
            bench.bank.request_agreement(
                agreement_number=number,
                card_number=bench.card_number,
                account_kind=kind,
                msisdn=bench.msisdn,
                now=later,
            )
            later += timedelta(minutes=1)
            agreement = sign(bench, number)
            assert agreement.token != first.token
            references.add(agreement.account_reference)
        assert len(references) == 2

    def test_that_ended_are_not_signed(self, bench: Bench) -> None:
        ask(bench)
        bench.bank.end_agreement(agreement_number=AGREEMENT, now=NOW)
        with pytest.raises(CardNotAccepted):
            sign(bench)
        with pytest.raises(CardNotAccepted):
            bench.bank.send_code_again(agreement_number=AGREEMENT, now=NOW)

    def test_that_ended_before_they_were_asked_for_are_never_made(self, bench: Bench) -> None:
        bench.bank.end_agreement(agreement_number=AGREEMENT, now=NOW)
        bench.bank.end_agreement(agreement_number=AGREEMENT, now=NOW)
        with pytest.raises(CardNotAccepted):
            ask(bench)


class TestPayments:
    def test_take_the_amount_once(self, bench: Bench) -> None:
        agreement = signed(bench)
        first = pay(bench, agreement)
        assert (first.outcome, first.paid_fen) == (BankPaymentOutcome.PAID, 50_00)
        assert 0 < len(first.bank_number) <= 64
        assert pay(bench, agreement) == first
        assert bench.bank.query_payment(payment_number=PAYMENT, now=NOW) == first
        assert bench.taken_fen() == [50_00]

    @pytest.mark.parametrize(
        ("what", "refusal"),
        [("NO_MONEY", TopUpFailure.NOT_ENOUGH_MONEY), ("BLOCKED", TopUpFailure.CARD_BLOCKED)],
    )
    def test_say_why_they_are_refused(self, bench: Bench, what: str, refusal: TopUpFailure) -> None:
        agreement = signed(bench)
        bench.let(what)
        refused = BankPayment(BankPaymentOutcome.REFUSED, refusal=refusal)
        assert pay(bench, agreement) == refused
        bench.let("PAYS")
        assert pay(bench, agreement) == refused
        assert bench.bank.query_payment(payment_number=PAYMENT, now=NOW) == refused
        assert bench.taken_fen() == []

    def test_may_be_under_way_for_a_while(self, bench: Bench) -> None:
        agreement = signed(bench)
        bench.let("DELAYS")
        assert pay(bench, agreement).outcome is BankPaymentOutcome.UNDER_WAY
        before = bench.bank.query_payment(payment_number=PAYMENT, now=NOW + bench.takes - timedelta(seconds=1))
        after = bench.bank.query_payment(payment_number=PAYMENT, now=NOW + bench.takes)
        assert (before.outcome, after.outcome, after.paid_fen) == (
            BankPaymentOutcome.UNDER_WAY,
            BankPaymentOutcome.PAID,
            50_00,
        )

    def test_that_were_never_asked_for_are_not_known(self, bench: Bench) -> None:
        known = bench.bank.query_payment(payment_number=PAYMENT, now=NOW)
        assert known == BankPayment(BankPaymentOutcome.NEVER_HEARD_OF)

    def test_are_not_begun_when_they_come_too_late(self, bench: Bench) -> None:
        assert pay(bench, signed(bench), seconds=300).outcome is BankPaymentOutcome.REFUSED
        assert bench.taken_fen() == []

    def test_are_refused_once_the_agreement_has_ended(self, bench: Bench) -> None:
        agreement = signed(bench)
        bench.bank.end_agreement(agreement_number=AGREEMENT, now=NOW)
        ended = BankPayment(BankPaymentOutcome.REFUSED, refusal=TopUpFailure.AGREEMENT_ENDED)
        assert pay(bench, agreement) == ended
        assert pay(bench, Agreement("", "")) == ended
        assert bench.taken_fen() == []

    def test_made_before_the_agreement_ended_stand(self, bench: Bench) -> None:
        agreement = signed(bench)
        first = pay(bench, agreement)
        bench.bank.end_agreement(agreement_number=AGREEMENT, now=NOW)
        assert pay(bench, agreement) == first


class TestSilence:
    def test_says_nothing_of_what_was_done(self, bench: Bench) -> None:
        agreement = signed(bench)
        bench.let("PAYS_UNHEARD")
        with pytest.raises(BankUnavailable):
            pay(bench, agreement)
        with pytest.raises(BankUnavailable):
            bench.bank.query_payment(payment_number=PAYMENT, now=NOW)
        known = bench.bank.query_payment(payment_number=PAYMENT, now=NOW)
        assert (known.outcome, known.paid_fen) == (BankPaymentOutcome.PAID, 50_00)
        assert bench.taken_fen() == [50_00]

    def test_may_mean_that_nothing_was_done(self, bench: Bench) -> None:
        agreement = signed(bench)
        bench.let("HANGS")
        with pytest.raises(BankUnavailable):
            pay(bench, agreement)
        with pytest.raises(BankUnavailable):
            bench.bank.end_agreement(agreement_number=AGREEMENT, now=NOW)
        assert bench.bank.query_payment(payment_number=PAYMENT, now=NOW).outcome is BankPaymentOutcome.NEVER_HEARD_OF
