from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.models import Line
from billing.gateways.bank_base import BankCodeWrong, BankNotAsked, BankUnavailable, CardNotAccepted
from billing.gateways.bank_registry import get_bank
from billing.gateways.bank_sandbox import NOT_ACCEPTED, SandboxBank
from billing.models import BankAccountKind, BankCard, BoundBankAccount, SandboxAgreement
from billing.operations.bind_bank_card import (
    BankCodeExpired,
    BindingUnclear,
    CardBoundAlready,
    CardBoundElsewhere,
    CardNumberInvalid,
    TooManyBankCodes,
    TooManyBankGuesses,
    TooManyCards,
    confirm_binding,
    send_binding_code_again,
)
from billing.operations.unbind_bank_card import settle_bank_cards, unbind_card
from kernel.errors import DomainError, NotFound
from messaging.models import Sms
from tests.books import broken_checks
from tests.factories.bank_cards import bank_code, card_number, make_bank_card, other_code, start
from tests.factories.billing import NOW, make_line

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def line() -> Line:
    return make_line()


def confirm(line: Line, card: BankCard, code: str = "", *, after: timedelta = timedelta(0)) -> BankCard:
    return confirm_binding(account_id=line.account_id, card_id=card.id, code=code or bank_code(line), now=NOW + after)


def states() -> list[str]:
    return list(BankCard.objects.order_by("asked_at", "id").values_list("state", flat=True))


class TestStartBinding:
    def test_keeps_the_last_four_digits_and_nothing_else_of_the_number(self, line: Line) -> None:
        card = start(line)
        number = card_number(line)
        assert (card.state, card.last_four, card.token, card.guesses) == ("WAITING", number[-4:], "", 0)
        assert card.code_expires_at == NOW + timedelta(minutes=5)
        kept = [str(list(model.objects.values())) for model in (BankCard, SandboxAgreement, Sms, BoundBankAccount)]
        assert number not in "".join(kept)

    def test_has_the_code_sent_to_the_line_as_a_secret(self, line: Line) -> None:
        start(line)
        text = Sms.objects.get(account_id=line.account_id)
        assert (text.kind, text.msisdn, text.secret, text.urgent) == ("SANDBOX_BANK_CODE", line.msisdn, True, True)
        assert f"尾号{card_number(line)[-4:]}的银行卡" in text.body

    def test_speaks_the_lines_language(self) -> None:
        line = make_line(language="en")
        start(line)
        assert "Your code is" in Sms.objects.get(account_id=line.account_id).body

    @pytest.mark.parametrize("kind", BankAccountKind.values)
    def test_takes_each_account_of_a_card(self, line: Line, kind: str) -> None:
        assert start(line, account_kind=BankAccountKind(kind)).account_kind == kind

    @pytest.mark.parametrize("number", ["", "123", "6200000012345678", "not a number", "6200 0000 0000 000x"])
    def test_refuses_what_is_no_number_and_counts_nothing(self, line: Line, number: str) -> None:
        with pytest.raises(CardNumberInvalid):
            start(line, card_number=number)
        assert (BankCard.objects.count(), Sms.objects.count()) == (0, 0)
        assert start(line).state == "WAITING"

    def test_is_one_card_when_the_form_is_sent_twice(self, line: Line) -> None:
        assert start(line, request_key="a" * 32).id == start(line, request_key="a" * 32).id
        assert (BankCard.objects.count(), Sms.objects.count()) == (1, 1)

    def test_waits_a_minute_between_codes(self, line: Line) -> None:
        start(line)
        with pytest.raises(TooManyBankCodes) as refusal:
            start(line, now=NOW + timedelta(seconds=59))
        assert refusal.value.next_at == NOW + MINUTE
        assert start(line, now=NOW + MINUTE).state == "WAITING"

    def test_sends_five_codes_an_hour_and_ten_a_day(self, line: Line) -> None:
        sent = 0
        for minute in range(0, 24 * 60, 5):
            try:
                start(line, now=NOW + minute * MINUTE)
            except TooManyBankCodes:
                continue
            sent += 1
            assert sent <= 5 or minute >= 60
        assert sent == 10

    def test_counts_cards_that_the_bank_refuses(self, line: Line, settings: Settings) -> None:
        settings.BANK_CODES_PER_HOUR = 2
        for minute in range(2):
            with pytest.raises(CardNotAccepted):
                start(line, kind_of_card=NOT_ACCEPTED, now=NOW + minute * MINUTE)
        with pytest.raises(TooManyBankCodes):
            start(line, kind_of_card=NOT_ACCEPTED, now=NOW + 2 * MINUTE)
        assert states() == ["LAPSED", "LAPSED"]

    def test_links_no_more_cards_than_may_be(self, line: Line, settings: Settings) -> None:
        settings.BANK_CARDS_PER_ACCOUNT = 1
        make_bank_card(line)
        with pytest.raises(TooManyCards):
            start(line)
        assert states() == ["ACTIVE"]

    def test_leaves_nothing_waiting_when_the_bank_does_not_answer(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def say_nothing(*_arguments: object, **_named: object) -> None:
            raise BankUnavailable

        monkeypatch.setattr(SandboxBank, "request_agreement", say_nothing)
        with pytest.raises(BankUnavailable):
            start(line)
        assert states() == ["LAPSED"]
        with pytest.raises(BankNotAsked):
            start(line, now=NOW + MINUTE)
        assert states() == ["LAPSED"]

    def test_refuses_somebody_elses_line(self, line: Line) -> None:
        with pytest.raises(NotFound):
            start(line, line_id=make_line().id)

    def test_refuses_everything_without_a_bank(self, line: Line, settings: Settings) -> None:
        settings.BANK = ""
        with pytest.raises(BankUnavailable):
            start(line)
        assert not BankCard.objects.exists()


class TestConfirmBinding:
    def test_links_the_card(self, line: Line) -> None:
        card = confirm(line, start(line))
        assert (card.state, card.bound_at, card.ask_at) == ("ACTIVE", NOW, None)
        assert card.token
        bound = BoundBankAccount.objects.get()
        assert (bound.account_id, bound.card_id) == (line.account_id, card.id)
        assert broken_checks() == []

    def test_changes_nothing_when_sent_twice(self, line: Line) -> None:
        waiting = start(line)
        first = confirm(line, waiting)
        assert confirm(line, waiting).pk == first.pk
        assert BankCard.objects.get().guesses == 1

    def test_counts_guesses_and_ends_after_five(self, line: Line) -> None:
        card = start(line)
        wrong = other_code(bank_code(line))
        for left in (4, 3, 2, 1):
            with pytest.raises(BankCodeWrong) as refusal:
                confirm(line, card, wrong)
            assert str(left) in str(refusal.value)
        for _time in range(2):
            with pytest.raises(TooManyBankGuesses):
                confirm(line, card, wrong)
        with pytest.raises(TooManyBankGuesses):
            confirm(line, card)
        assert BankCard.objects.get().guesses == 5
        assert states() == ["WAITING"]
        assert not BoundBankAccount.objects.exists()

    def test_takes_no_code_after_five_minutes(self, line: Line) -> None:
        card = start(line)
        with pytest.raises(BankCodeExpired):
            confirm(line, card, after=5 * MINUTE)
        assert BankCard.objects.get().guesses == 0
        assert confirm(line, card, after=5 * MINUTE - timedelta(seconds=1)).state == "ACTIVE"

    def test_takes_no_code_from_the_future(self, line: Line) -> None:
        card = start(line)
        with pytest.raises(BankCodeExpired):
            confirm(line, card, after=timedelta(seconds=-1))

    def test_tells_a_card_that_is_linked_to_another_account_only_with_its_code(self, line: Line) -> None:
        make_bank_card(line)
        thief = make_line()
        card = start(thief, card_number=card_number(line))
        with pytest.raises(BankCodeWrong):
            confirm(thief, card, other_code(bank_code(thief)))
        with pytest.raises(CardBoundElsewhere):
            confirm(thief, card)
        assert BankCard.objects.get(account_id=thief.account_id).state == "UNBINDING"
        assert BoundBankAccount.objects.get().account_id == line.account_id
        assert settle_bank_cards(now=NOW) == 1
        assert BankCard.objects.get(account_id=thief.account_id).state == "UNBOUND"
        assert BankCard.objects.get(account_id=line.account_id).state == "ACTIVE"
        assert broken_checks() == []

    def test_links_one_account_of_a_card_once_and_another_account_of_it_too(self, line: Line) -> None:
        make_bank_card(line)
        with pytest.raises(CardBoundAlready):
            confirm(line, start(line))
        later = NOW + MINUTE
        credit = start(line, account_kind=BankAccountKind.CREDIT, now=later)
        assert confirm(line, credit, after=MINUTE).state == "ACTIVE"
        assert states().count("ACTIVE") == 2

    def test_links_a_card_again_after_it_was_unlinked(self, line: Line) -> None:
        card = make_bank_card(line)
        unbind_card(account_id=line.account_id, card_id=card.id, now=NOW)
        assert confirm(line, start(line)).state == "ACTIVE"
        assert sorted(states()) == ["ACTIVE", "UNBOUND"]
        assert broken_checks() == []

    def test_never_guesses_what_a_silent_bank_did(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        card = start(line)
        signs = SandboxBank.sign_agreement

        def sign_unheard(*arguments: object, **named: object) -> None:
            signs(*arguments, **named)  # type: ignore[arg-type]
            raise BankUnavailable

        monkeypatch.setattr(SandboxBank, "sign_agreement", sign_unheard)
        with pytest.raises(BindingUnclear):
            confirm(line, card)
        assert states() == ["UNBINDING"]
        assert SandboxAgreement.objects.get().signed_at is not None
        monkeypatch.undo()
        monkeypatch.setattr(get_bank("sandbox").breaker, "open_until", 0.0)
        assert settle_bank_cards(now=NOW) == 1
        assert states() == ["UNBOUND"]
        assert SandboxAgreement.objects.get().ended_at == NOW

    def test_counts_no_guess_while_the_bank_is_left_alone(self, line: Line) -> None:
        card = start(line)
        get_bank("sandbox").breaker.record_failure()
        with pytest.raises(BankNotAsked):
            confirm(line, card)
        assert BankCard.objects.get().guesses == 0
        assert states() == ["WAITING"]

    def test_refuses_a_card_that_was_given_up(self, line: Line) -> None:
        card = start(line)
        unbind_card(account_id=line.account_id, card_id=card.id, now=NOW)
        with pytest.raises(BankCodeExpired):
            confirm(line, card)
        assert states() == ["LAPSED"]

    def test_does_not_find_somebody_elses_card(self, line: Line) -> None:
        card = start(line)
        with pytest.raises(NotFound):
            confirm_binding(account_id=make_line().account_id, card_id=card.id, code=bank_code(line), now=NOW)
        assert states() == ["WAITING"]


class TestSendBindingCodeAgain:
    def test_ends_the_code_before_and_begins_the_guesses_anew(self, line: Line) -> None:
        card = start(line)
        before = bank_code(line)
        with pytest.raises(BankCodeWrong):
            confirm(line, card, other_code(before))
        again = send_binding_code_again(account_id=line.account_id, card_id=card.id, now=NOW + MINUTE)
        assert (again.guesses, again.code_expires_at) == (0, NOW + 6 * MINUTE)
        if bank_code(line) != before:
            with pytest.raises(BankCodeWrong):
                confirm(line, card, before, after=MINUTE)
        assert confirm(line, card, after=MINUTE).state == "ACTIVE"

    def test_is_limited_like_the_first(self, line: Line) -> None:
        card = start(line)
        with pytest.raises(TooManyBankCodes):
            send_binding_code_again(account_id=line.account_id, card_id=card.id, now=NOW + timedelta(seconds=59))
        assert Sms.objects.count() == 1

    def test_is_for_cards_that_wait(self, line: Line) -> None:
        card = make_bank_card(line)
        with pytest.raises(BankCodeExpired):
            send_binding_code_again(account_id=line.account_id, card_id=card.id, now=NOW)

    def test_keeps_the_guesses_when_the_bank_sends_none(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        card = start(line)
        with pytest.raises(BankCodeWrong):
            confirm(line, card, other_code(bank_code(line)))

        def say_nothing(*_arguments: object, **_named: object) -> None:
            raise BankUnavailable

        monkeypatch.setattr(SandboxBank, "send_code_again", say_nothing)
        with pytest.raises(DomainError):
            send_binding_code_again(account_id=line.account_id, card_id=card.id, now=NOW + MINUTE)
        assert BankCard.objects.get().guesses == 1
