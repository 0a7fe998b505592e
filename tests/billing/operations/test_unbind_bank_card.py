from datetime import timedelta

import pytest

from accounts.models import Line
from billing.gateways.bank_registry import get_bank
from billing.models import AutomaticTopUp, BankCard, BoundBankAccount, SandboxAgreement
from billing.operations.unbind_bank_card import settle_bank_cards, unbind_card
from kernel.errors import NotFound
from tests.books import broken_checks
from tests.factories.bank_cards import HANGS, make_bank_card, start, switch, want_automatic
from tests.factories.billing import NOW, make_line

pytestmark = pytest.mark.django_db

FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=100_00)


def unbind(card: BankCard) -> BankCard:
    return unbind_card(account_id=card.account_id, card_id=card.id, now=NOW)


class TestUnbindCard:
    def test_ends_the_agreement_here_and_at_the_bank(self, line: Line) -> None:
        card = unbind(make_bank_card(line))
        assert (card.state, card.token, card.ended_at, card.ask_at) == ("UNBOUND", "", NOW, None)
        assert SandboxAgreement.objects.get().ended_at == NOW
        assert not BoundBankAccount.objects.exists()
        assert broken_checks() == []

    def test_changes_nothing_when_done_again(self, line: Line) -> None:
        card = unbind(make_bank_card(line))
        again = unbind_card(account_id=line.account_id, card_id=card.id, now=NOW + FIVE_MINUTES)
        assert (again.state, again.ended_at) == ("UNBOUND", NOW)

    def test_turns_off_the_automatic_top_up_that_takes_from_it(self, line: Line) -> None:
        card = make_bank_card(line)
        want_automatic(line, card)
        unbind(card)
        assert AutomaticTopUp.objects.get().state == "OFF"

    def test_leaves_one_that_takes_from_another_card(self, line: Line) -> None:
        other = make_bank_card(line, now=NOW - timedelta(days=2), account_kind="CREDIT")
        want_automatic(line, make_bank_card(line))
        unbind(other)
        assert AutomaticTopUp.objects.get().state == "ON"

    def test_gives_up_a_card_that_waits_for_its_code(self, line: Line) -> None:
        card = unbind(start(line))
        assert (card.state, card.ended_at, card.ask_at) == ("LAPSED", NOW, None)

    def test_does_not_find_somebody_elses_card(self, line: Line) -> None:
        card = make_bank_card(line)
        with pytest.raises(NotFound):
            unbind_card(account_id=make_line().account_id, card_id=card.id, now=NOW)
        assert BankCard.objects.get().state == "ACTIVE"


class TestABankThatDoesNotAnswer:
    def test_is_told_again_until_it_does(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        card = make_bank_card(line, kind_of_card=HANGS)
        ended = unbind(card)
        assert (ended.state, ended.asks, ended.ask_at) == ("UNBINDING", 0, NOW + FIVE_MINUTES)
        assert BoundBankAccount.objects.exists()
        assert broken_checks() == []

        at = NOW + FIVE_MINUTES
        for asks, pause in ((1, 300), (2, 3600), (3, 86400), (4, 86400)):
            monkeypatch.setattr(get_bank("sandbox").breaker, "open_until", 0.0)
            assert settle_bank_cards(now=at - timedelta(seconds=1)) == 0
            assert settle_bank_cards(now=at) == 1
            at += timedelta(seconds=pause)
            card.refresh_from_db()
            assert (card.state, card.asks, card.ask_at) == ("UNBINDING", asks, at)

        switch(card, "PAYS")
        monkeypatch.setattr(get_bank("sandbox").breaker, "open_until", 0.0)
        assert settle_bank_cards(now=at) == 1
        card.refresh_from_db()
        assert (card.state, card.ended_at) == ("UNBOUND", at)
        assert settle_bank_cards(now=at + timedelta(days=9)) == 0


class TestSettleBankCards:
    def test_lets_codes_lapse_that_nobody_entered(self, line: Line) -> None:
        card = start(line)
        settle_bank_cards(now=NOW + FIVE_MINUTES - timedelta(seconds=1))
        card.refresh_from_db()
        assert card.state == "WAITING"
        settle_bank_cards(now=NOW + FIVE_MINUTES)
        card.refresh_from_db()
        assert (card.state, card.ended_at) == ("LAPSED", NOW + FIVE_MINUTES)

    def test_leaves_linked_cards_alone(self, line: Line) -> None:
        make_bank_card(line)
        assert settle_bank_cards(now=NOW + timedelta(days=9)) == 0
        assert BankCard.objects.get().state == "ACTIVE"
