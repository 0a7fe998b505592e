from datetime import datetime

import pytest
from pytest_django import Settings

from billing.gateways.bank_base import BankNotAsked, BankPayment, BankPaymentOutcome, BankUnavailable, CardNotAccepted
from billing.gateways.bank_guard import GuardedBank
from billing.gateways.bank_registry import get_bank
from billing.gateways.bank_sandbox import SandboxBank
from tests.factories.billing import NOW


class FailingBank(SandboxBank):
    """Answers as it is told."""

    def __init__(self) -> None:
        self.asked = 0
        self.failure: Exception | None = BankUnavailable()

    def query_payment(self, *, payment_number: str, now: datetime) -> BankPayment:
        self.asked += 1
        if self.failure:
            raise self.failure
        return BankPayment(BankPaymentOutcome.NEVER_HEARD_OF)


def query(bank: GuardedBank) -> BankPayment:
    return bank.query_payment(payment_number="1", now=NOW)


class TestGuardedBank:
    def test_leaves_a_bank_alone_that_did_not_answer(self) -> None:
        silent = FailingBank()
        bank = GuardedBank(silent)
        with pytest.raises(BankUnavailable) as first:
            query(bank)
        assert not isinstance(first.value, BankNotAsked)
        assert bank.is_left_alone
        with pytest.raises(BankNotAsked):
            query(bank)
        assert silent.asked == 1

    def test_asks_again_after_a_while(self, monkeypatch: pytest.MonkeyPatch) -> None:
        silent = FailingBank()
        bank = GuardedBank(silent)
        with pytest.raises(BankUnavailable):
            query(bank)
        silent.failure = None
        monkeypatch.setattr(bank.breaker, "open_until", 0.0)
        assert query(bank).outcome is BankPaymentOutcome.NEVER_HEARD_OF
        assert not bank.is_left_alone

    def test_takes_a_refusal_for_an_answer(self) -> None:
        refusing = FailingBank()
        refusing.failure = CardNotAccepted()
        bank = GuardedBank(refusing)
        for _time in range(3):
            with pytest.raises(CardNotAccepted):
                query(bank)
        assert (refusing.asked, bank.is_left_alone) == (3, False)


class TestGetBank:
    def test_returns_the_one_in_use_and_no_other(self, settings: Settings) -> None:
        assert get_bank("sandbox") is get_bank("sandbox")
        for name in ("", "icbc"):
            with pytest.raises(BankUnavailable):
                get_bank(name)
        settings.BANK = ""
        with pytest.raises(BankUnavailable):
            get_bank("sandbox")

    def test_opens_no_breaker_for_a_bank_that_is_not_spoken_to(self) -> None:
        with pytest.raises(BankUnavailable):
            get_bank("icbc")
        assert not get_bank("sandbox").is_left_alone
