"""A bank that takes questions and answers nothing: pages stay quick, nothing is paid twice, nothing is forgotten."""

import math
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Line
from billing.gateways.bank_registry import forget_banks, get_bank
from billing.gateways.bank_sandbox import SandboxBank
from billing.models import BankCard, CardPayment, SandboxBankPayment, TopUp
from billing.operations.expire_top_ups import expire_top_ups
from kernel.clock import now
from tests.books import broken_invariants
from tests.factories.accounts import signed_in_client
from tests.factories.bank_cards import PAYS_UNHEARD, make_bank_card, switch, want_automatic
from tests.factories.billing import make_charge, make_line, wallet_of

pytestmark = pytest.mark.django_db(transaction=True)

TIMEOUT_SECONDS = 1.0
PAGES = 200
# G11: pages stay quick while another system hangs.
QUICK_SECONDS = 0.5


@pytest.fixture(autouse=True)
def _banks_that_did_not_fail(settings: Settings) -> Iterator[None]:
    settings.BANK_TIMEOUT = TIMEOUT_SECONDS
    yield
    forget_banks()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The payments that the bank was asked for."""
    numbers: list[str] = []
    pays = SandboxBank.pay

    def pay(self: SandboxBank, **named: Any) -> Any:
        numbers.append(named["payment_number"])
        return pays(self, **named)

    monkeypatch.setattr(SandboxBank, "pay", pay)
    return numbers


def pay(client: Client, line: Line, card: BankCard) -> tuple[int, float]:
    """Send the form of a payment and return the status and how long it took."""
    form = {"msisdn": line.msisdn, "request_key": uuid.uuid4().hex, "other_amount": "10", "way": str(card.id)}
    began = time.monotonic()
    answer = client.post("/top-up/bank-card/", form)
    return answer.status_code, time.monotonic() - began


class TestABankThatHangs:
    def test_is_asked_once_and_then_left_alone(self, asked: list[str]) -> None:
        line = make_line()
        card = make_bank_card(line, kind_of_card=PAYS_UNHEARD)
        client = signed_in_client(line)
        status, seconds = pay(client, line, card)
        assert (status, seconds >= TIMEOUT_SECONDS) == (302, True)
        status, seconds = pay(client, line, card)
        assert (status, seconds < TIMEOUT_SECONDS) == (503, True)
        assert len(asked) == 1
        assert list(TopUp.objects.values_list("state", flat=True)) == ["UNKNOWN"]

    def test_keeps_no_page_waiting(self, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        line = make_line(cash_fen=50_00)
        card = make_bank_card(line, kind_of_card=PAYS_UNHEARD)
        client = signed_in_client(line)
        # It has been silent for half a minute. The pause between two tries would end in the midst of the pages on a
        # slow machine; that it ends is the breaker's own test.
        monkeypatch.setattr(get_bank("sandbox").breaker, "open_until", math.inf)
        paths = ("/top-up/", "/payment-methods/", "/automatic-top-up/")
        client.get(paths[0])
        took: list[float] = []
        for number in range(PAGES):
            if number % 4 == 0:
                took.append(pay(client, line, card)[1])
                continue
            began = time.monotonic()
            assert client.get(paths[number % 4 - 1]).status_code == 200
            took.append(time.monotonic() - began)
        assert sorted(took)[PAGES * 99 // 100 - 1] <= QUICK_SECONDS
        assert asked == []
        assert not CardPayment.objects.exists()

    def test_is_paid_once_when_it_is_heard_again(
        self, asked: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.BANK_TIMEOUT = 0.0
        line = make_line(cash_fen=50_00)
        card = make_bank_card(line, kind_of_card=PAYS_UNHEARD)
        want_automatic(line, card, now=now())
        pay(signed_in_client(line), line, card)
        make_charge(line, amount_fen=45_00)
        switch(card, "PAYS")
        SandboxBankPayment.objects.update(silences=0)
        monkeypatch.setattr(get_bank("sandbox").breaker, "open_until", 0.0)
        TopUp.objects.update(ask_at=now())
        assert expire_top_ups(now=now()) == 1
        assert wallet_of(line.account_id)[0] == 15_00
        assert len(asked) == SandboxBankPayment.objects.count() == 1
        assert broken_invariants() == {}
