"""Linked cards and automatic top-up from many sides at once. Each race has a control that fails without its guard."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import Line
from billing.gateways.bank_registry import forget_banks, get_bank
from billing.models import AutomaticTopUp, BankCard, BoundBankAccount, CardPayment, SandboxBankPayment, TopUp
from billing.operations import automatic_top_ups, bind_bank_card, card_payments
from billing.operations.automatic_top_ups import sweep_automatic_top_ups, top_up_automatically
from billing.operations.bind_bank_card import confirm_binding
from billing.operations.card_payments import pay_with_card, send_card_payment
from billing.operations.unbind_bank_card import unbind_card
from billing.queries.card_limits import get_card_limits
from kernel.channel import Channel
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.bank_cards import bank_code, card_number, make_bank_card, other_code, start, want_automatic
from tests.factories.billing import NOW, make_charge, make_line, wallet_of
from tests.races import at_once, meet_after, outcomes, run_sql

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 16


@pytest.fixture(autouse=True)
def _banks_that_did_not_fail() -> Iterator[None]:
    yield
    forget_banks()


def pay(card: BankCard, line: Line, *, amount_fen: int, request_key: str) -> TopUp:
    return pay_with_card(
        account_id=card.account_id,
        card_id=card.id,
        msisdn=line.msisdn,
        amount_fen=amount_fen,
        request_key=request_key,
        channel=Channel.WEB,
        now=NOW,
    )


class TestOneFallSeenByMany:
    @staticmethod
    def race() -> tuple[Line, Callable[[int], object]]:
        line = make_line(cash_fen=30_00)
        want_automatic(line, make_bank_card(line))
        make_charge(line, amount_fen=25_00)

        def look(number: int) -> object:
            if number % 2:
                return sweep_automatic_top_ups(now=NOW)
            return top_up_automatically(account_id=line.account_id, now=NOW)

        return line, look

    def test_is_one_top_up(self) -> None:
        line, look = self.race()
        assert outcomes(look, times=MANY) == {"OK": MANY}
        assert wallet_of(line.account_id)[0] == 55_00
        assert (CardPayment.objects.count(), SandboxBankPayment.objects.count()) == (1, 1)
        assert Sms.objects.filter(kind="TOP_UP_RECEIVED").count() == 1
        assert broken_invariants() == {}

    def test_control_without_the_lock_and_the_constraint_it_is_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        line, _look = self.race()
        monkeypatch.setattr(automatic_top_ups, "_has_fallen", meet_after(automatic_top_ups._has_fallen, times=MANY))
        monkeypatch.setattr(type(AutomaticTopUp.objects.all()), "select_for_update", unlocked)
        run_sql("DROP INDEX card_payment_one_automatic_open")
        try:
            ended = outcomes(lambda _number: top_up_automatically(account_id=line.account_id, now=NOW), times=MANY)
        finally:
            run_sql("TRUNCATE billing_card_payment")
            run_sql(
                "CREATE UNIQUE INDEX card_payment_one_automatic_open ON billing_card_payment (account_id)"
                " WHERE automatic AND state IN ('PENDING', 'UNKNOWN')"
            )
        assert ended["OK"] > 1
        assert TopUp.objects.count() > 1

    def test_control_with_the_constraint_alone_it_is_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        line, _look = self.race()
        monkeypatch.setattr(automatic_top_ups, "_has_fallen", meet_after(automatic_top_ups._has_fallen, times=2))
        monkeypatch.setattr(type(AutomaticTopUp.objects.all()), "select_for_update", unlocked)
        monkeypatch.setattr(automatic_top_ups, "send_card_payment", lambda **_named: None)
        ended = outcomes(lambda _number: top_up_automatically(account_id=line.account_id, now=NOW), times=2)
        assert ended == {"OK": 1, "DATABASE_ERROR": 1}
        assert CardPayment.objects.count() == 1


def unlocked(rows: Any, **_options: object) -> Any:
    """What `select_for_update` would be without its lock."""
    return rows.all()


class TestChargesAndLooksAtOnce:
    def test_top_up_once_for_a_fall_that_many_charges_make(self) -> None:
        line = make_line(cash_fen=40_00)
        want_automatic(line, make_bank_card(line))

        def charge_and_look(_number: int) -> None:
            make_charge(line, amount_fen=2_00)
            top_up_automatically(account_id=line.account_id, now=NOW)

        assert outcomes(charge_and_look, times=MANY) == {"OK": MANY}
        sweep_automatic_top_ups(now=NOW)
        assert wallet_of(line.account_id)[0] == 40_00 - MANY * 2_00 + 50_00
        assert CardPayment.objects.count() == 1
        assert broken_invariants() == {}


class TestTheMonthlyLimitAtOnce:
    def test_is_kept_however_many_fall_and_look(self) -> None:
        line = make_line(cash_fen=21_00, overdraft_fen=10_000_00)
        want_automatic(line, make_bank_card(line), monthly_limit_fen=150_00)

        def charge_and_look(_number: int) -> None:
            make_charge(line, amount_fen=40_00)
            top_up_automatically(account_id=line.account_id, now=NOW)

        for _round in range(3):
            assert outcomes(charge_and_look, times=8) == {"OK": 8}
            run_sql("UPDATE billing_automatic_top_up SET waits_for_rise = false")
        taken = sum(CardPayment.objects.filter(state="SUCCEEDED").values_list("amount_fen", flat=True))
        assert taken == 150_00
        assert broken_invariants() == {}


class TestOneFormSentManyTimes:
    def test_is_one_payment(self) -> None:
        line = make_line()
        card = make_bank_card(line)
        seen = at_once(lambda _number: pay(card, line, amount_fen=50_00, request_key="k").id, times=MANY)
        assert len(set(seen)) == 1
        assert (SandboxBankPayment.objects.count(), wallet_of(line.account_id)) == (1, (50_00, 0, 1))
        assert broken_invariants() == {}

    def test_sends_one_payment_to_the_bank_however_many_come_with_it(self) -> None:
        line = make_line()
        card = make_bank_card(line)
        pay(card, line, amount_fen=50_00, request_key="k")
        payment = CardPayment.objects.get()
        run_sql("UPDATE billing_card_payment SET state = 'PENDING', sent_at = NULL, finished_at = NULL")
        asked = self.counted(payment, times=8)
        assert asked == 1

    def test_control_without_the_claim_the_bank_is_asked_many_times(self, monkeypatch: pytest.MonkeyPatch) -> None:
        line = make_line()
        card = make_bank_card(line)
        pay(card, line, amount_fen=50_00, request_key="k")
        payment = CardPayment.objects.get()
        run_sql("UPDATE billing_card_payment SET state = 'PENDING', sent_at = NULL, finished_at = NULL")
        rows = card_payments._rows
        monkeypatch.setattr(card_payments, "_rows", lambda payment: Unclaimed(rows(payment)))
        assert self.counted(payment, times=8) == 8

    @staticmethod
    def counted(payment: CardPayment, *, times: int) -> int:
        """Send one payment from many sides and return how often the bank was asked."""
        asked: list[str] = []
        bank = get_bank("sandbox")
        pays = bank.bank.pay

        def count(**named: Any) -> Any:
            asked.append(named["payment_number"])
            return pays(**named)

        bank.bank.pay = count  # type: ignore[method-assign]
        outcomes(lambda _number: send_card_payment(payment=payment, now=NOW), times=times)
        return len(asked)


class Unclaimed:
    """Rows whose claim always succeeds."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    def filter(self, **which: object) -> "Unclaimed":
        which.pop("sent_at", None)
        return Unclaimed(self.rows.filter(**which))

    def update(self, **changes: object) -> int:
        return self.rows.update(**changes) or 1


class TestTheDayLimitAtOnce:
    @staticmethod
    def race() -> Callable[[int], object]:
        line = make_line()
        card = make_bank_card(line, account_kind="ELECTRONIC_CASH")
        return lambda number: pay(card, line, amount_fen=400_00, request_key=f"{number}")

    def test_lets_through_what_fits(self) -> None:
        assert outcomes(self.race(), times=MANY) == {"OK": 2, "CARD_LIMIT_EXCEEDED": MANY - 2}
        assert sum(SandboxBankPayment.objects.values_list("amount_fen", flat=True)) == 800_00
        assert broken_invariants() == {}

    def test_control_without_the_cards_lock_lets_more_through(self, monkeypatch: pytest.MonkeyPatch) -> None:
        race = self.race()
        monkeypatch.setattr(type(BankCard.objects.all()), "select_for_update", unlocked)
        monkeypatch.setattr(card_payments, "get_card_limits", meet_after(get_card_limits, times=4))
        assert outcomes(race, times=4) == {"OK": 4}


class TestOneCardLinkedByMany:
    @staticmethod
    def race() -> Callable[[int], object]:
        owner = make_line()
        lines = [make_line() for _customer in range(MANY)]
        cards = [start(line, card_number=card_number(owner)) for line in lines]
        codes = [bank_code(line) for line in lines]
        return lambda number: confirm_binding(
            account_id=lines[number].account_id, card_id=cards[number].id, code=codes[number], now=NOW
        )

    def test_belongs_to_one(self) -> None:
        assert outcomes(self.race(), times=MANY) == {"OK": 1, "CARD_BOUND_ELSEWHERE": MANY - 1}
        assert BankCard.objects.filter(state="ACTIVE").count() == BoundBankAccount.objects.count() == 1
        assert broken_invariants() == {}

    def test_control_without_the_directory_belongs_to_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        race = self.race()
        monkeypatch.setattr(BoundBankAccount, "key_of", staticmethod(lambda card: str(card.id)))
        assert outcomes(race, times=MANY) == {"OK": MANY}
        assert "bank_account_is_linked_once" in broken_invariants()


class TestOneCardAskedForManyTimesAtOnce:
    def test_is_one_card_and_one_code(self) -> None:
        line = make_line()
        cards = at_once(lambda _number: start(line, request_key="k").id, times=MANY)
        assert len(set(cards)) == 1
        assert (BankCard.objects.count(), Sms.objects.filter(kind="SANDBOX_BANK_CODE").count()) == (1, 1)


class TestOneCodeGuessedByMany:
    @staticmethod
    def race() -> Callable[[int], object]:
        line = make_line()
        card = start(line)
        wrong = other_code(bank_code(line))
        return lambda _number: confirm_binding(account_id=line.account_id, card_id=card.id, code=wrong, now=NOW)

    def test_is_compared_five_times(self) -> None:
        assert outcomes(self.race(), times=MANY) == {"BANK_CODE_WRONG": 4, "TOO_MANY_BANK_GUESSES": MANY - 4}

    def test_control_without_its_condition_it_is_compared_more_often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        race = self.race()
        guard = "AND guesses < %(limit)s"
        assert bind_bank_card._COUNT_GUESS.count(guard) == 1
        monkeypatch.setattr(bind_bank_card, "_COUNT_GUESS", bind_bank_card._COUNT_GUESS.replace(guard, ""))
        assert outcomes(race, times=MANY)["BANK_CODE_WRONG"] > 4


class TestPayingAndUnlinkingAtOnce:
    def test_ends_in_order_whoever_is_first(self) -> None:
        line = make_line(cash_fen=5_00)
        card = make_bank_card(line)
        want_automatic(line, card)

        def act(number: int) -> object:
            if number == 0:
                return unbind_card(account_id=line.account_id, card_id=card.id, now=NOW)
            if number % 2:
                return top_up_automatically(account_id=line.account_id, now=NOW)
            return pay(card, line, amount_fen=10_00, request_key=f"{number}")

        ended = outcomes(act, times=MANY)
        assert set(ended) <= {"OK", "CARD_NOT_USABLE"}
        card.refresh_from_db()
        assert card.state == "UNBOUND"
        taken = sum(CardPayment.objects.filter(state="SUCCEEDED").values_list("amount_fen", flat=True))
        assert wallet_of(line.account_id)[0] == 5_00 + taken
        assert broken_invariants() == {}
