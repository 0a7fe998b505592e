from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Line
from accounts.queries.lines import NumberUnknown
from billing.gateways.bank_base import BankNotAsked, BankPayment, BankPaymentOutcome
from billing.gateways.bank_registry import get_bank
from billing.models import (
    BankAccountKind,
    BankCard,
    BoundBankAccount,
    CardPayment,
    SandboxAgreement,
    SandboxBankPayment,
    TopUp,
)
from billing.operations import card_payments
from billing.operations.card_payments import CardLimitExceeded, CardNotUsable, pay_with_card, send_card_payment
from billing.operations.expire_top_ups import ask_provider_now, expire_top_ups
from billing.operations.ledger import IdempotencyConflict
from billing.operations.unbind_bank_card import unbind_card
from billing.queries.card_limits import get_card_limits
from kernel.channel import Channel
from kernel.clock import SHANGHAI
from kernel.errors import NotFound
from kernel.money import AmountOutOfRange
from messaging.models import Sms
from tests.books import broken_checks
from tests.factories.bank_cards import (
    BLOCKED,
    DELAYS,
    HANGS,
    NO_MONEY,
    PAYS_UNHEARD,
    make_bank_card,
    switch,
)
from tests.factories.billing import NOW, make_campaign, make_line, wallet_of

pytestmark = pytest.mark.django_db

KEY = "c" * 32


@pytest.fixture
def line() -> Line:
    return make_line()


def pay(line: Line, card: BankCard, *, amount_fen: int = 50_00, now: datetime = NOW, **changes: Any) -> TopUp:
    arguments: dict[str, Any] = {
        "account_id": line.account_id,
        "card_id": card.id,
        "msisdn": line.msisdn,
        "amount_fen": amount_fen,
        "request_key": KEY,
        "channel": Channel.WEB,
        "now": now,
    }
    return pay_with_card(**{**arguments, **changes})


def listen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause after a failure is over."""
    monkeypatch.setattr(get_bank("sandbox").breaker, "open_until", 0.0)


def nothing_moved(line: Line) -> bool:
    return (wallet_of(line.account_id), TopUp.objects.count(), CardPayment.objects.count()) == ((0, 0, 0), 0, 0)


class TestPayWithCard:
    def test_credits_what_the_bank_took_and_tells_it(self, line: Line) -> None:
        top_up = pay(line, make_bank_card(line))
        bank_payment, payment = SandboxBankPayment.objects.get(), CardPayment.objects.get()
        assert (top_up.state, top_up.provider, top_up.amount_fen, top_up.payer_account_id) == (
            *("SUCCEEDED", "BANK_CARD", 50_00),
            None,
        )
        assert top_up.provider_payment_number == bank_payment.bank_number
        assert (payment.id, payment.state, payment.finished_at, payment.automatic) == (
            top_up.id,
            "SUCCEEDED",
            NOW,
            False,
        )
        assert wallet_of(line.account_id) == (50_00, 0, 1)
        assert Sms.objects.filter(kind="TOP_UP_RECEIVED", dedup_key=f"top-up:{top_up.id}").count() == 1
        assert broken_checks() == []

    def test_gives_the_bonus_that_runs(self, line: Line) -> None:
        make_campaign()
        pay(line, make_bank_card(line), amount_fen=100_00)
        assert wallet_of(line.account_id)[:2] == (100_00, 10_00)

    def test_tops_up_another_number_and_keeps_the_payment_with_the_payer(self, line: Line) -> None:
        friend = make_line(name="林建国")
        top_up = pay(line, make_bank_card(line), msisdn=friend.msisdn)
        payment = CardPayment.objects.get()
        assert (top_up.account_id, top_up.payer_account_id) == (friend.account_id, line.account_id)
        assert (payment.account_id, payment.credited_account_id) == (line.account_id, friend.account_id)
        assert (wallet_of(friend.account_id), wallet_of(line.account_id)) == ((50_00, 0, 1), (0, 0, 0))
        assert broken_checks() == []

    def test_is_one_payment_when_the_form_is_sent_twice(self, line: Line) -> None:
        card = make_bank_card(line)
        assert pay(line, card).id == pay(line, card, now=NOW + timedelta(hours=1)).id
        assert (SandboxBankPayment.objects.count(), wallet_of(line.account_id)) == (1, (50_00, 0, 1))

    def test_answers_a_repeat_also_after_the_card_was_unlinked(self, line: Line) -> None:
        card = make_bank_card(line)
        first = pay(line, card)
        unbind_card(account_id=line.account_id, card_id=card.id, now=NOW)
        assert pay(line, card).id == first.id

    @pytest.mark.parametrize("changed", ["amount_fen", "msisdn"])
    def test_refuses_other_details_under_the_same_key(self, line: Line, changed: str) -> None:
        card = make_bank_card(line)
        pay(line, card)
        other: Any = {"amount_fen": 60_00, "msisdn": make_line().msisdn}[changed]
        with pytest.raises(IdempotencyConflict):
            pay(line, card, **{changed: other})
        assert SandboxBankPayment.objects.count() == 1

    @pytest.mark.parametrize(("kind_of_card", "failure"), [(NO_MONEY, "NOT_ENOUGH_MONEY"), (BLOCKED, "CARD_BLOCKED")])
    def test_fails_with_the_banks_reason_and_moves_nothing(self, line: Line, kind_of_card: str, failure: str) -> None:
        top_up = pay(line, make_bank_card(line, kind_of_card=kind_of_card))
        assert (top_up.state, top_up.failure) == ("FAILED", failure)
        assert CardPayment.objects.values_list("state", "failure").get() == ("FAILED", failure)
        assert wallet_of(line.account_id) == (0, 0, 0)
        assert not Sms.objects.filter(kind="TOP_UP_RECEIVED").exists()
        assert broken_checks() == []

    def test_refuses_a_card_that_was_unlinked_meanwhile(self, line: Line) -> None:
        card = make_bank_card(line)
        unbind_card(account_id=line.account_id, card_id=card.id, now=NOW)
        with pytest.raises(CardNotUsable):
            pay(line, card)
        assert nothing_moved(line)

    def test_takes_nothing_from_a_card_unlinked_between_asking_and_sending(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        card = make_bank_card(line)

        def unlink_then_send(*, payment: CardPayment, now: datetime) -> TopUp:
            unbind_card(account_id=line.account_id, card_id=card.id, now=now)
            return send_card_payment(payment=payment, now=now)

        monkeypatch.setattr(card_payments, "send_card_payment", unlink_then_send)
        top_up = pay(line, card)
        assert (top_up.state, top_up.failure) == ("FAILED", "AGREEMENT_ENDED")
        assert not SandboxBankPayment.objects.exists()
        assert broken_checks() == []

    def test_learns_from_the_bank_that_an_agreement_has_ended(self, line: Line) -> None:
        card = make_bank_card(line)
        SandboxAgreement.objects.update(ended_at=NOW)
        assert pay(line, card).failure == "AGREEMENT_ENDED"
        card.refresh_from_db()
        assert card.state == "UNBOUND"
        assert not BoundBankAccount.objects.exists()
        assert broken_checks() == []

    @pytest.mark.parametrize("amount_fen", [-1, 0, 99, 10_000_01])
    def test_refuses_amounts_outside_those_of_a_top_up(self, line: Line, settings: Settings, amount_fen: int) -> None:
        settings.BANK_LIMITS_FEN = dict.fromkeys(BankAccountKind.values, (20_000_00, 20_000_00))
        with pytest.raises(AmountOutOfRange):
            pay(line, make_bank_card(line), amount_fen=amount_fen)
        assert nothing_moved(line)

    def test_finds_neither_somebody_elses_card_nor_a_number_not_in_use(self, line: Line) -> None:
        card = make_bank_card(line)
        other = make_line()
        with pytest.raises(NotFound):
            pay(other, card)
        with pytest.raises(NumberUnknown):
            pay(line, card, msisdn="+8613012345678")
        assert nothing_moved(line)

    def test_writes_nothing_while_the_bank_is_left_alone(self, line: Line) -> None:
        card = make_bank_card(line)
        get_bank("sandbox").breaker.record_failure()
        with pytest.raises(BankNotAsked):
            pay(line, card)
        assert nothing_moved(line)


class TestLimits:
    @pytest.mark.parametrize(
        ("kind", "payment_fen", "day_fen"),
        [
            (BankAccountKind.ELECTRONIC_CASH, 1_000_00, 1_000_00),
            (BankAccountKind.CREDIT, 2_000_00, 5_000_00),
            (BankAccountKind.DEBIT, 5_000_00, 10_000_00),
        ],
    )
    def test_are_those_of_the_account(self, line: Line, kind: BankAccountKind, payment_fen: int, day_fen: int) -> None:
        card = make_bank_card(line, account_kind=kind)
        with pytest.raises(CardLimitExceeded):
            pay(line, card, amount_fen=payment_fen + 1)
        assert nothing_moved(line)
        paid = 0
        while paid < day_fen:
            amount_fen = min(payment_fen, day_fen - paid)
            assert pay(line, card, amount_fen=amount_fen, request_key=f"{paid}").state == "SUCCEEDED"
            paid += amount_fen
        with pytest.raises(CardLimitExceeded) as refusal:
            pay(line, card, amount_fen=1_00)
        assert "0.00" in str(refusal.value)
        assert wallet_of(line.account_id)[0] == day_fen

    def test_begin_anew_at_midnight_in_shanghai(self, line: Line) -> None:
        card = make_bank_card(line, account_kind=BankAccountKind.ELECTRONIC_CASH)
        late = datetime(2026, 11, 22, 23, 59, 59, tzinfo=SHANGHAI)
        pay(line, card, amount_fen=1_000_00, now=late)
        assert get_card_limits(card, now=late).left_today_fen == 0
        assert get_card_limits(card, now=late + timedelta(seconds=1)).left_today_fen == 1_000_00

    def test_count_what_is_unclear_and_not_what_failed(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        card = make_bank_card(line, kind_of_card=NO_MONEY)
        pay(line, card, amount_fen=100_00, request_key="1")
        switch(card, "PAYS_UNHEARD")
        pay(line, card, amount_fen=30_00, request_key="2")
        assert get_card_limits(card, now=NOW).left_today_fen == 10_000_00 - 30_00


class TestABankThatDoesNotAnswer:
    def test_leaves_the_payment_unknown_and_is_asked_until_it_is_known(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        top_up = pay(line, make_bank_card(line, kind_of_card=PAYS_UNHEARD))
        assert (top_up.state, top_up.ask_at) == ("UNKNOWN", NOW + timedelta(minutes=1))
        assert CardPayment.objects.get().state == "UNKNOWN"
        assert wallet_of(line.account_id) == (0, 0, 0)
        assert broken_checks() == []

        first_ask = NOW + timedelta(minutes=1)
        assert expire_top_ups(now=first_ask - timedelta(seconds=1)) == 0
        listen_again(monkeypatch)
        assert expire_top_ups(now=first_ask) == 1  # silent once more
        assert TopUp.objects.values_list("state", "ask_at").get() == ("UNKNOWN", first_ask + timedelta(minutes=5))

        listen_again(monkeypatch)
        assert expire_top_ups(now=first_ask + timedelta(minutes=5)) == 1
        assert TopUp.objects.get().state == "SUCCEEDED"
        assert CardPayment.objects.get().state == "SUCCEEDED"
        assert wallet_of(line.account_id) == (50_00, 0, 1)
        assert expire_top_ups(now=NOW + timedelta(days=9)) == 0
        assert broken_checks() == []

    def test_is_never_asked_to_pay_again(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        card = make_bank_card(line, kind_of_card=PAYS_UNHEARD)
        pay(line, card)
        listen_again(monkeypatch)
        assert pay(line, card).state == "UNKNOWN"
        assert SandboxBankPayment.objects.count() == 1

    def test_gives_up_only_what_it_cannot_begin_any_more(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        pay(line, make_bank_card(line, kind_of_card=HANGS))
        listen_again(monkeypatch)
        expire_top_ups(now=NOW + timedelta(minutes=1))
        assert TopUp.objects.get().state == "UNKNOWN"
        expire_top_ups(now=NOW + timedelta(minutes=6))
        assert TopUp.objects.values_list("state", "failure").get() == ("FAILED", "NOT_PAID_IN_TIME")
        assert CardPayment.objects.get().state == "FAILED"
        assert broken_checks() == []

    def test_can_be_asked_by_staff_at_any_time(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        top_up = pay(line, make_bank_card(line, kind_of_card=PAYS_UNHEARD))
        SandboxBankPayment.objects.update(silences=0)
        listen_again(monkeypatch)
        asked = ask_provider_now(account_id=top_up.account_id, top_up_id=top_up.id, now=NOW + timedelta(seconds=5))
        assert asked.state == "SUCCEEDED"

    def test_is_left_alone_and_what_was_not_asked_fails_at_once(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        card = make_bank_card(line)
        bank = get_bank("sandbox")
        monkeypatch.setattr(card_payments, "get_bank", lambda _name: bank)
        monkeypatch.setattr(type(bank), "is_left_alone", property(lambda _self: False))
        bank.breaker.record_failure()
        top_up = pay(line, card)
        assert (top_up.state, top_up.failure) == ("FAILED", "BANK_NOT_ASKED")
        assert broken_checks() == []


class TestABankThatPaidAfterAll:
    def test_is_believed_late(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        card = make_bank_card(line, kind_of_card=HANGS)
        top_up = pay(line, card)
        listen_again(monkeypatch)
        ask_provider_now(account_id=top_up.account_id, top_up_id=top_up.id, now=NOW + timedelta(minutes=6))
        payment = CardPayment.objects.get()
        assert payment.state == "FAILED"
        top_up.refresh_from_db()
        # Its own answer was on its way all the time.
        card_payments._settle(payment, top_up, BankPayment(BankPaymentOutcome.PAID, "SBP1", 50_00), NOW)
        payment.refresh_from_db()
        assert (payment.state, payment.failure) == ("SUCCEEDED", "")
        assert wallet_of(line.account_id) == (50_00, 0, 1)
        assert broken_checks() == []


class TestABankThatTakesItsTime:
    def test_leaves_the_payment_pending_until_it_is_done(self, line: Line) -> None:
        top_up = pay(line, make_bank_card(line, kind_of_card=DELAYS))
        assert top_up.state == "PENDING"
        assert wallet_of(line.account_id) == (0, 0, 0)
        assert expire_top_ups(now=NOW + timedelta(minutes=1)) == 1
        assert TopUp.objects.get().state == "SUCCEEDED"
        assert wallet_of(line.account_id) == (50_00, 0, 1)
        assert broken_checks() == []


class TestAWorkerThatDiedBeforeItAskedTheBank:
    def test_leaves_a_payment_that_is_given_up_and_never_sent(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def die(**_named: object) -> TopUp:
            raise KeyboardInterrupt

        monkeypatch.setattr(card_payments, "send_card_payment", die)
        with pytest.raises(KeyboardInterrupt):
            pay(line, make_bank_card(line))
        assert TopUp.objects.get().state == "PENDING"
        expire_top_ups(now=NOW + timedelta(minutes=1))
        assert TopUp.objects.values_list("state", "failure").get() == ("FAILED", "BANK_NOT_ASKED")
        payment = CardPayment.objects.get()
        assert send_card_payment(payment=payment, now=NOW + timedelta(minutes=2)).state == "FAILED"
        assert not SandboxBankPayment.objects.exists()
        assert broken_checks() == []


class TestABankWhoseAnswerDoesNotFit:
    def test_credits_nothing_and_leaves_it_to_staff(self, line: Line) -> None:
        card = make_bank_card(line, kind_of_card=PAYS_UNHEARD)
        top_up = pay(line, card)
        SandboxBankPayment.objects.update(amount_fen=49_00, silences=0)
        get_bank("sandbox").breaker.record_success()
        asked = ask_provider_now(account_id=top_up.account_id, top_up_id=top_up.id, now=NOW)
        assert asked.state == "UNKNOWN"
        assert wallet_of(line.account_id) == (0, 0, 0)
        assert broken_checks() == []
