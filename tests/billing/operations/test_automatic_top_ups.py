from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Line, LineState
from billing.gateways.bank_registry import get_bank
from billing.models import AutomaticTopUp, BankCard, CardPayment
from billing.operations.automatic_top_ups import (
    MonthlyLimitTooLow,
    ThresholdNotBelowAmount,
    sweep_automatic_top_ups,
    top_up_automatically,
    turn_off_automatic_top_up,
    turn_off_without_line,
)
from billing.operations.card_payments import CardLimitExceeded, CardNotUsable
from billing.operations.dues import settle_dues
from billing.operations.unbind_bank_card import unbind_card
from kernel.clock import SHANGHAI
from kernel.errors import DomainError, NotFound
from kernel.money import AmountOutOfRange
from tests.books import broken_checks
from tests.factories.automatic_top_ups import HOUR, kinds, listen_again, look, paid, texts, wish_of
from tests.factories.bank_cards import make_bank_card, want_automatic
from tests.factories.billing import NOW, give_bonus, make_campaign, make_charge, make_line, make_top_up, wallet_of
from tests.factories.dunning import second_line_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    """Somebody with 30 yuan."""
    return make_line(cash_fen=30_00)


@pytest.fixture
def card(line: Line) -> BankCard:
    return make_bank_card(line)


class TestSetAutomaticTopUp:
    def test_is_on_and_counts_no_failures(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        wish = wish_of(line)
        assert (wish.state, wish.threshold_fen, wish.amount_fen, wish.monthly_limit_fen) == ("ON", 20_00, 50_00, 200_00)
        assert (wish.failures, wish.waits_for_rise, wish.next_try_at) == (0, False, NOW)

    def test_can_be_changed_and_turned_on_again(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        turn_off_automatic_top_up(account_id=line.account_id, now=NOW)
        AutomaticTopUp.objects.update(failures=2, state="STOPPED", next_try_at=NOW + HOUR)
        want_automatic(line, card, threshold_fen=10_00, now=NOW + timedelta(minutes=1))
        wish = wish_of(line)
        assert (wish.state, wish.threshold_fen, wish.failures, wish.next_try_at) == (
            *("ON", 10_00, 0),
            NOW + timedelta(minutes=1),
        )

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"threshold_fen": 50_00}, ThresholdNotBelowAmount),
            ({"threshold_fen": 60_00}, ThresholdNotBelowAmount),
            ({"threshold_fen": 0}, ThresholdNotBelowAmount),
            ({"threshold_fen": -1}, ThresholdNotBelowAmount),
            ({"amount_fen": 99, "threshold_fen": 50}, AmountOutOfRange),
            ({"amount_fen": 10_000_01, "monthly_limit_fen": 10_000_01}, AmountOutOfRange),
            ({"amount_fen": 5_000_01, "monthly_limit_fen": 10_000_00}, CardLimitExceeded),
            ({"monthly_limit_fen": 49_99}, MonthlyLimitTooLow),
            ({"monthly_limit_fen": 10_000_01}, MonthlyLimitTooLow),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, line: Line, card: BankCard, changes: dict[str, Any], refusal: type[DomainError]
    ) -> None:
        with pytest.raises(refusal):
            want_automatic(line, card, **changes)
        assert not AutomaticTopUp.objects.exists()

    def test_refuses_a_card_that_is_unlinked_or_somebody_elses(self, line: Line, card: BankCard) -> None:
        with pytest.raises(NotFound):
            want_automatic(line, make_bank_card(make_line()))
        unbind_card(account_id=line.account_id, card_id=card.id, now=NOW)
        with pytest.raises(CardNotUsable):
            want_automatic(line, card)
        assert not AutomaticTopUp.objects.exists()

    def test_refuses_somebody_elses_line(self, line: Line, card: BankCard) -> None:
        with pytest.raises(NotFound):
            want_automatic(line, card, line_id=make_line().id)


class TestTopUpAutomatically:
    def test_does_nothing_at_the_threshold_and_tops_up_below_it(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        make_charge(line, amount_fen=10_00)
        assert look(line) is None
        make_charge(line, amount_fen=1)
        top_up = look(line)
        assert top_up is not None
        assert (top_up.state, top_up.amount_fen, top_up.channel, top_up.msisdn) == (
            *("SUCCEEDED", 50_00),
            *("SYSTEM", line.msisdn),
        )
        assert wallet_of(line.account_id)[0] == 69_99
        assert CardPayment.objects.values_list("automatic", "limit_fen", "state").get() == (True, 200_00, "SUCCEEDED")
        assert broken_checks() == []

    def test_tells_it_by_one_text_that_says_why(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        make_charge(line, amount_fen=15_00)
        look(line)
        ((kind, body),) = texts(line)
        assert kind == "TOP_UP_RECEIVED"
        assert "自动充值成功" in body
        assert f"尾号{card.last_four}的银行卡扣款充值50.00元，当前余额65.00元" in body

    def test_speaks_english_and_names_the_bonus(self) -> None:
        line = make_line(cash_fen=30_00, language="en")
        make_campaign(minimum_fen=50_00)
        want_automatic(line, make_bank_card(line))
        make_charge(line, amount_fen=15_00)
        look(line)
        ((_kind, body),) = texts(line)
        assert "Topped up automatically" in body
        assert "with a bonus of 10.00 yuan" in body

    def test_tops_up_once_for_each_fall(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        for fall in (1, 2, 3):
            make_charge(line, amount_fen=wallet_of(line.account_id)[0] - 5_00)
            looks = [look(line), look(line), look(line)]
            assert [bool(top_up) for top_up in looks] == [True, False, False]
            assert len(paid()) == fall
        assert kinds(line) == ["TOP_UP_RECEIVED"] * 3

    def test_counts_bonus_as_balance(self, line: Line, card: BankCard) -> None:
        give_bonus(line, 15_00)
        want_automatic(line, card)
        make_charge(line, amount_fen=20_00)
        assert look(line) is None

    def test_pays_one_fall_once_though_the_balance_stays_below(self) -> None:
        line = make_line(overdraft_fen=100_00)
        want_automatic(line, make_bank_card(line))
        make_charge(line, amount_fen=80_00)
        assert look(line) is not None
        assert wallet_of(line.account_id)[0] == -30_00
        assert look(line) is None
        assert sweep_automatic_top_ups(now=NOW) == 0
        make_charge(line, amount_fen=5_00)
        assert look(line) is None
        # Back above the threshold and down again is another fall, seen by the charge itself.
        give_bonus(line, 60_00)
        make_charge(line, amount_fen=20_00)
        assert look(line) is not None
        assert len(paid()) == 2

    def test_counts_what_is_owed_as_spent(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        make_charge(line, amount_fen=40_00, may_owe=True)
        assert wallet_of(line.account_id)[0] == 30_00
        assert sweep_automatic_top_ups(now=NOW) == 1
        # 30 and 50 less the 40 that are owed is above the threshold: the next fall counts again.
        assert look(line) is None
        settle_dues(account_id=line.account_id, now=NOW)
        assert wallet_of(line.account_id)[0] == 40_00
        make_charge(line, amount_fen=30_00)
        assert look(line) is not None

    def test_takes_a_charge_of_somebody_who_owes_for_no_rise(self) -> None:
        line = make_line(cash_fen=25_00)
        want_automatic(line, make_bank_card(line))
        make_charge(line, amount_fen=90_00, may_owe=True)
        assert look(line) is not None
        assert wish_of(line).waits_for_rise
        make_charge(line, amount_fen=60_00)
        assert (look(line), len(paid())) == (None, 1)

    def test_does_nothing_while_off_stopped_or_never_wanted(self, line: Line, card: BankCard) -> None:
        make_charge(line, amount_fen=25_00)
        assert look(line) is None
        want_automatic(line, card)
        for state in ("OFF", "STOPPED"):
            AutomaticTopUp.objects.update(state=state)
            assert look(line) is None
            assert sweep_automatic_top_ups(now=NOW) == 0
        assert paid() == []

    def test_names_another_line_when_its_own_was_closed(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        second = second_line_of(line)
        Line.objects.filter(id=line.id).update(state=LineState.CLOSED)
        turn_off_without_line(account_id=line.account_id, now=NOW)
        top_up = look(line)
        assert top_up is not None
        assert top_up.msisdn == second.msisdn

    def test_is_turned_off_when_the_last_line_was_closed(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        Line.objects.filter(id=line.id).update(state=LineState.CLOSED)
        assert look(line) is None
        assert wish_of(line).state == "OFF"
        assert paid() == []

    def test_waits_while_the_bank_is_left_alone(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        get_bank("sandbox").breaker.record_failure()
        assert look(line) is None
        assert not CardPayment.objects.exists()
        get_bank("sandbox").breaker.record_success()
        assert look(line) is not None

    def test_waits_while_there_is_no_bank(self, line: Line, card: BankCard, settings: Settings) -> None:
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        settings.BANK = ""
        assert look(line) is None
        assert wish_of(line).next_try_at == NOW + HOUR

    def test_looks_again_in_an_hour_when_the_card_is_used_up_today(
        self, line: Line, card: BankCard, settings: Settings
    ) -> None:
        want_automatic(line, card)
        make_charge(line, amount_fen=25_00)
        settings.BANK_LIMITS_FEN = {"DEBIT": (5_000_00, 49_00)}
        assert look(line) is None
        assert (wish_of(line).next_try_at, kinds(line), paid()) == (NOW + HOUR, [], [])


class TestTheMonthlyLimit:
    def test_is_never_exceeded_and_told_once(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card, monthly_limit_fen=120_00)
        for _fall in range(3):
            make_charge(line, amount_fen=wallet_of(line.account_id)[0] - 1_00)
            look(line)
            look(line, after=timedelta(days=1))
        make_charge(line, amount_fen=1_00)
        look(line, after=timedelta(days=2))
        assert paid() == [50_00, 50_00]
        assert sorted(kinds(line)) == ["AUTOMATIC_TOP_UP_AT_LIMIT", "TOP_UP_RECEIVED", "TOP_UP_RECEIVED"]
        at_limit = dict(texts(line))["AUTOMATIC_TOP_UP_AT_LIMIT"]
        assert "本月自动充值已用100.00元，上限120.00元" in at_limit
        assert wish_of(line).next_try_at == datetime(2026, 12, 1, tzinfo=SHANGHAI)
        assert broken_checks() == []

    def test_begins_anew_with_the_month_in_shanghai(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card, monthly_limit_fen=50_00)
        make_charge(line, amount_fen=25_00)
        look(line)
        make_charge(line, amount_fen=50_00)
        look(line)
        december = datetime(2026, 12, 1, tzinfo=SHANGHAI)
        second = timedelta(seconds=1)
        assert top_up_automatically(account_id=line.account_id, now=december - second) is None
        assert top_up_automatically(account_id=line.account_id, now=december) is not None
        assert paid() == [50_00, 50_00]
        assert broken_checks() == []

    def test_goes_on_when_the_customer_raises_it(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card, monthly_limit_fen=50_00)
        make_charge(line, amount_fen=25_00)
        look(line)
        make_charge(line, amount_fen=50_00)
        look(line)
        want_automatic(line, card, monthly_limit_fen=100_00)
        assert look(line) is not None
        make_charge(line, amount_fen=50_00)
        look(line)
        assert kinds(line).count("AUTOMATIC_TOP_UP_AT_LIMIT") == 2
        assert paid() == [50_00, 50_00]

    def test_counts_what_may_still_arrive(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        card = make_bank_card(line, kind_of_card="04")
        want_automatic(line, card, monthly_limit_fen=50_00)
        make_charge(line, amount_fen=25_00)
        top_up = look(line)
        assert top_up is not None
        assert top_up.state == "UNKNOWN"
        listen_again(monkeypatch)
        assert look(line) is None
        assert CardPayment.objects.count() == 1


class TestSweepAutomaticTopUps:
    def test_finds_falls_that_no_nudge_told_of(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        untouched = make_line(cash_fen=30_00)
        want_automatic(untouched, make_bank_card(untouched))
        make_charge(line, amount_fen=25_00)
        assert sweep_automatic_top_ups(now=NOW) == 1
        assert sweep_automatic_top_ups(now=NOW) == 0
        assert (wallet_of(line.account_id)[0], wallet_of(untouched.account_id)[0]) == (55_00, 30_00)

    def test_leaves_some_for_the_next_sweep(self) -> None:
        for _customer in range(3):
            line = make_line(cash_fen=5_00)
            want_automatic(line, make_bank_card(line))
        assert [sweep_automatic_top_ups(now=NOW, limit=2) for _sweep in range(3)] == [2, 1, 0]

    def test_is_not_held_up_by_those_who_cannot_pay(self, settings: Settings) -> None:
        closed = make_line(cash_fen=5_00)
        want_automatic(closed, make_bank_card(closed), now=NOW - HOUR)
        Line.objects.filter(id=closed.id).update(state=LineState.CLOSED)
        line = make_line(cash_fen=5_00)
        want_automatic(line, make_bank_card(line))
        assert [sweep_automatic_top_ups(now=NOW, limit=1) for _sweep in range(2)] == [0, 1]


class TestTurnOffAutomaticTopUp:
    def test_changes_nothing_when_done_again_or_never_wanted(self, line: Line, card: BankCard) -> None:
        turn_off_automatic_top_up(account_id=line.account_id, now=NOW)
        assert not AutomaticTopUp.objects.exists()
        want_automatic(line, card)
        for hours in (1, 2):
            turn_off_automatic_top_up(account_id=line.account_id, now=NOW + hours * HOUR)
        assert (wish_of(line).state, wish_of(line).changed_at) == ("OFF", NOW + HOUR)

    def test_leaves_other_top_ups_as_they_are(self, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        top_up = make_top_up(line)
        turn_off_automatic_top_up(account_id=line.account_id, now=NOW)
        top_up.refresh_from_db()
        assert top_up.state == "PENDING"
