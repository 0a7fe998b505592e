from typing import Any

import pytest
from django.test import Client

from billing.models import AutomaticTopUp, BankCard, CardPayment, SandboxAgreement
from tests.factories.accounts import staff_client
from tests.factories.bank_cards import card_number, make_bank_card_payment, want_automatic
from tests.factories.billing import make_line
from tests.pages import words

pytestmark = pytest.mark.django_db

AGREEMENTS = "/staff/billing/sandboxagreement/"


@pytest.fixture
def card() -> BankCard:
    line = make_line(cash_fen=50_00)
    card = make_bank_card_payment(line)
    want_automatic(line, card)
    return card


def pages(client: Client, card: BankCard) -> str:
    """Return every page of the desk on which the card appears."""
    key = f"{card.account_id},{card.id}"
    payment = CardPayment.objects.get()
    addresses = [
        *("/staff/billing/bankcard/", f"/staff/billing/bankcard/{key}/change/"),
        *("/staff/billing/cardpayment/", f"/staff/billing/cardpayment/{payment.account_id},{payment.id}/change/"),
        *("/staff/billing/automatictopup/", f"/staff/billing/automatictopup/{card.account_id}/change/"),
        *(AGREEMENTS, f"{AGREEMENTS}{card.agreement_number}/change/"),
    ]
    answers = [client.get(address) for address in addresses]
    assert [answer.status_code for answer in answers] == [200] * 8
    return "".join(answer.content.decode() for answer in answers)


def switch(client: Client, card: BankCard, action: str) -> Any:
    return client.post(AGREEMENTS, {"action": action, "_selected_action": card.agreement_number}, follow=True)


class TestPagesAboutCards:
    @pytest.mark.parametrize("role", ["clerk", "supervisor"])
    def test_show_the_last_four_digits_and_neither_number_nor_token(self, card: BankCard, role: str) -> None:
        shown = pages(staff_client(role), card)
        line_number = card.msisdn.removeprefix("+86")
        number = card_number(make_line())[:6] + card.msisdn[-7:]
        assert f"**** {card.last_four}" in shown
        code_hash = SandboxAgreement.objects.get().code_hash
        secrets = [card.token, card.account_reference, number, line_number, code_hash]
        assert [secret for secret in secrets if not secret or secret in shown] == []

    def test_show_what_a_card_has_paid(self, card: BankCard) -> None:
        page = staff_client("clerk").get(f"/staff/billing/bankcard/{card.account_id},{card.id}/change/")
        assert "30.00" in words(page)

    def test_are_read_only_for_the_wishes_too(self, card: BankCard) -> None:
        address = f"/staff/billing/automatictopup/{card.account_id}/change/"
        assert staff_client("supervisor").post(address, {"state": "OFF"}).status_code == 403
        assert AutomaticTopUp.objects.get().state == "ON"


class TestTheSandboxBanksSwitch:
    @pytest.mark.parametrize(
        ("action", "behaviour"),
        [
            ("let_lack_money", "NO_MONEY"),
            ("let_block", "BLOCKED"),
            ("let_delay", "DELAYS"),
            ("let_answer_be_lost", "PAYS_UNHEARD"),
            ("let_hang", "HANGS"),
            ("let_pay", "PAYS"),
        ],
    )
    def test_lets_a_supervisor_say_what_the_bank_does(self, card: BankCard, action: str, behaviour: str) -> None:
        SandboxAgreement.objects.update(behaviour="BLOCKED" if behaviour == "PAYS" else "PAYS")
        assert switch(staff_client("supervisor"), card, action).status_code == 200
        assert SandboxAgreement.objects.get().behaviour == behaviour

    def test_is_not_for_clerks(self, card: BankCard) -> None:
        switch(staff_client("clerk"), card, "let_block")
        assert SandboxAgreement.objects.get().behaviour == "PAYS"
