from datetime import timedelta

import pytest

from accounts.models import Line
from billing.models import AutomaticTopUp, BankCard, CardPayment, SandboxAgreement, TopUp
from billing.operations.automatic_top_ups import (
    sweep_automatic_top_ups,
    turn_off_automatic_top_up,
)
from billing.operations.card_payments import ask_bank_about
from billing.operations.expire_top_ups import expire_top_ups
from tests.books import broken_checks
from tests.factories.automatic_top_ups import HOUR, kinds, listen_again, look, paid, texts, wish_of
from tests.factories.bank_cards import make_bank_card, switch, want_automatic
from tests.factories.billing import NOW, make_charge, make_line, wallet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    """Somebody with 30 yuan."""
    return make_line(cash_fen=30_00)


@pytest.fixture
def card(line: Line) -> BankCard:
    return make_bank_card(line)


class TestAFailingCard:
    def test_is_tried_three_times_and_then_left_alone(self, line: Line) -> None:
        card = make_bank_card(line, kind_of_card="01")
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        assert look(line) is not None
        assert (wish_of(line).failures, wish_of(line).next_try_at) == (1, NOW + 4 * HOUR)
        assert look(line, after=4 * HOUR - timedelta(seconds=1)) is None
        assert look(line, after=4 * HOUR) is not None
        assert wish_of(line).next_try_at == NOW + 28 * HOUR
        assert look(line, after=28 * HOUR) is not None
        assert (wish_of(line).state, wish_of(line).failures) == ("STOPPED", 3)
        assert look(line, after=99 * HOUR) is None
        assert sweep_automatic_top_ups(now=NOW + 99 * HOUR) == 0
        assert kinds(line) == ["AUTOMATIC_TOP_UP_FAILED", "AUTOMATIC_TOP_UP_FAILED", "AUTOMATIC_TOP_UP_STOPPED"]
        assert "11月22日18时30分后将再次尝试" in texts(line)[0][1]
        assert "连续3次扣款失败（卡内余额不足）" in texts(line)[2][1]
        assert wallet_of(line.account_id)[0] == 5_00
        assert broken_checks() == []

    def test_counts_a_failure_once_however_often_the_bank_tells_of_it(self, line: Line) -> None:
        want_automatic(line, make_bank_card(line, kind_of_card="01"))
        make_charge(line, amount_fen=25_00)
        failed = look(line)
        assert failed is not None
        for _answer in range(3):
            assert ask_bank_about(top_up=failed, now=NOW).state == "FAILED"
        assert (wish_of(line).failures, kinds(line)) == (1, ["AUTOMATIC_TOP_UP_FAILED"])

    def test_counts_only_failures_in_a_row(self, line: Line) -> None:
        card = make_bank_card(line, kind_of_card="01")
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        look(line)
        switch(card, "PAYS")
        assert look(line, after=4 * HOUR) is not None
        assert (wish_of(line).failures, paid()) == (0, [50_00])

    def test_starts_anew_when_the_customer_turns_it_on_again(self, line: Line) -> None:
        card = make_bank_card(line, kind_of_card="01")
        want_automatic(line, card)
        AutomaticTopUp.objects.update(state="STOPPED", failures=3)
        switch(card, "PAYS")
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        assert look(line) is not None
        assert paid() == [50_00]

    def test_stops_at_once_when_the_agreement_has_ended(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        SandboxAgreement.objects.update(ended_at=NOW)
        look(line)
        assert wish_of(line).state == "STOPPED"
        assert kinds(line) == ["AUTOMATIC_TOP_UP_STOPPED"]
        assert broken_checks() == []

    def test_says_nothing_after_the_customer_turned_it_off(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        card = make_bank_card(line, kind_of_card="05")
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        look(line)
        turn_off_automatic_top_up(account_id=line.account_id, now=NOW)
        listen_again(monkeypatch)
        expire_top_ups(now=NOW + timedelta(minutes=1))
        expire_top_ups(now=NOW + timedelta(minutes=6))
        assert TopUp.objects.get().state == "FAILED"
        assert (kinds(line), wish_of(line).state) == ([], "OFF")


class TestABankThatDoesNotAnswer:
    def test_blocks_the_next_until_it_is_known(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        want_automatic(line, make_bank_card(line, kind_of_card="04"))
        make_charge(line, amount_fen=25_00)
        top_up = look(line)
        assert top_up is not None
        assert top_up.state == "UNKNOWN"
        for hours in range(1, 4):
            listen_again(monkeypatch)
            assert look(line, after=hours * HOUR) is None
            assert sweep_automatic_top_ups(now=NOW + hours * HOUR) == 0
        assert CardPayment.objects.count() == 1
        expire_top_ups(now=NOW + 4 * HOUR)
        listen_again(monkeypatch)
        expire_top_ups(now=NOW + 5 * HOUR)
        assert paid() == [50_00]
        assert kinds(line) == ["TOP_UP_RECEIVED"]
        assert "自动充值成功" in texts(line)[0][1]
        assert look(line, after=5 * HOUR) is None
        assert broken_checks() == []

    def test_is_not_the_cards_fault(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        card = make_bank_card(line, kind_of_card="05")
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        look(line)
        listen_again(monkeypatch)
        expire_top_ups(now=NOW + timedelta(minutes=1))
        expire_top_ups(now=NOW + timedelta(minutes=6))
        assert TopUp.objects.get().failure == "NOT_PAID_IN_TIME"
        assert (wish_of(line).failures, kinds(line)) == (0, [])
        switch(card, "PAYS")
        assert look(line, after=timedelta(minutes=10)) is None
        assert look(line, after=timedelta(minutes=11)) is not None
