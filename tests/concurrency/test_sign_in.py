"""Guessing and asking for codes many times at once. Each race has a control that shows what its guard is for."""

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import altcha
import pytest

from accounts.models import Budget, SignInCode
from accounts.operations import budgets, check_service_password, send_sign_in_code, sign_in
from accounts.operations.budgets import BudgetSpent
from accounts.operations.sign_in import CodeWrong
from accounts.queries.work import get_challenge
from messaging.models import Sms
from tests.factories.accounts import NOON, PASSWORD, fresh_msisdn, give_service_password, make_line
from tests.races import AT_ONCE, at_once, meet_after, outcomes

pytestmark = pytest.mark.django_db(transaction=True)


class TestGuessing:
    @pytest.fixture
    def compared(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Every comparison of a guess with the code."""
        seen: list[str] = []

        def compare(kept: str, guess: str) -> bool:
            seen.append(guess)
            return kept == guess

        monkeypatch.setattr(sign_in, "constant_time_compare", compare)
        return seen

    def guess_at_once(self) -> Counter[str]:
        line = make_line()
        send_sign_in_code.send_sign_in_code(msisdn=line.msisdn, address="192.0.2.1", now=NOON)
        at = NOON + timedelta(seconds=1)
        return outcomes(lambda _number: sign_in.sign_in_with_code(msisdn=line.msisdn, code="no code", now=at))

    def test_gets_five_comparisons_however_many_guess_at_once(self, compared: list[str]) -> None:
        assert self.guess_at_once() == {"CODE_WRONG": 4, "TOO_MANY_GUESSES": 60}
        assert len(compared) == 5
        assert SignInCode.objects.get().guesses == 5
        assert Budget.objects.get(key__startswith="sign-in:failures").count == 5

    def test_would_get_more_if_guesses_were_read_and_then_counted(
        self, compared: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = meet_after(SignInCode.objects.get)

        def read_then_count(*, key: str, **_others: Any) -> tuple[str, int]:
            kept = read(key=key)
            if kept.guesses >= 5:
                raise CodeWrong(guesses_left=0)
            SignInCode.objects.filter(key=key).update(guesses=kept.guesses + 1)
            return kept.code_hash, kept.guesses

        monkeypatch.setattr(sign_in, "_count_guess", read_then_count)
        monkeypatch.setattr(sign_in, "count_try", lambda **_arguments: None)
        self.guess_at_once()
        assert len(compared) == AT_ONCE

    def test_takes_the_right_code_once(self) -> None:
        line = make_line()
        send_sign_in_code.send_sign_in_code(msisdn=line.msisdn, address="192.0.2.1", now=NOON)
        code, at = Sms.objects.get().body[-6:], NOON + timedelta(seconds=1)
        ended = outcomes(lambda _number: sign_in.sign_in_with_code(msisdn=line.msisdn, code=code, now=at))
        assert ended == {"OK": 1, "CODE_EXPIRED": 63}


# Budgets that numbers share: the setting, its key, and numbers of people who meet in it. None is in use: texts are not
# what is counted here, and the answer is the same.
SHARED = {
    "of a range": (
        "SIGN_IN_CODES_PER_RANGE_HOUR", "code:range:hour:+861990000", [f"+861990000{n:04d}" for n in range(AT_ONCE)],
    ),
    "of all": (
        "SIGN_IN_CODES_PER_HOUR_OVERALL", "code:overall:hour", [f"+86{1990000 + n}0000" for n in range(AT_ONCE)],
    ),
}  # fmt: skip


class TestSending:
    def test_sends_one_text_to_a_number_however_often_it_is_asked_for_at_once(self) -> None:
        line = make_line()
        ended = outcomes(
            lambda number: send_sign_in_code.send_sign_in_code(
                msisdn=line.msisdn, address=f"192.0.2.{number}", now=NOON
            )
        )
        assert ended == {"OK": 1, "TOO_MANY_CODES": 63}
        assert Sms.objects.count() == 1
        assert set(Budget.objects.values_list("count", flat=True)) == {1}

    def test_sends_twenty_texts_for_an_address_whichever_numbers_it_asks_for_at_once(self) -> None:
        lines = [make_line() for _ in range(AT_ONCE)]
        ended = outcomes(
            lambda number: send_sign_in_code.send_sign_in_code(
                msisdn=lines[number].msisdn, address="192.0.2.1", now=NOON
            )
        )
        assert ended == {"OK": 20, "TOO_MANY_CODES": 44}
        assert Sms.objects.count() == 20
        assert SignInCode.objects.count() == 20
        assert Budget.objects.get(key="code:address:hour:192.0.2.1").count == 20
        assert Budget.objects.filter(key__startswith="code:number:day:").count() == 20

    def ask_at_once(self, numbers: list[str], *, address: str = "") -> Counter[str]:
        return outcomes(
            lambda number: send_sign_in_code.send_sign_in_code(
                msisdn=numbers[number], address=address or f"192.0.2.{number}", now=NOON
            )
        )

    @pytest.mark.parametrize(("setting", "key", "numbers"), SHARED.values(), ids=SHARED.keys())
    def test_sends_no_more_than_a_budget_that_many_share(
        self, settings: Any, setting: str, key: str, numbers: list[str]
    ) -> None:
        setattr(settings, setting, 10)
        assert self.ask_at_once(numbers) == {"OK": 10, "TOO_MANY_CODES": AT_ONCE - 10}
        assert (Budget.objects.get(key=key).count, SignInCode.objects.count()) == (10, 10)
        # Whoever was refused has lost nothing of a budget of their own.
        assert Budget.objects.filter(key__startswith="code:number:day:").count() == 10
        assert Budget.objects.filter(key__startswith="code:address:hour:").count() == 10

    @pytest.mark.parametrize(("setting", "key", "numbers"), SHARED.values(), ids=SHARED.keys())
    def test_would_send_more_if_that_budget_were_read_and_then_taken(
        self, monkeypatch: pytest.MonkeyPatch, settings: Any, setting: str, key: str, numbers: list[str]
    ) -> None:
        setattr(settings, setting, 10)
        self.take_without_guard(monkeypatch, key)
        assert self.ask_at_once(numbers) == {"OK": AT_ONCE}

    def test_would_send_more_if_the_budget_were_read_and_then_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.take_without_guard(monkeypatch, "code:address:hour:192.0.2.1")
        unknown = [fresh_msisdn() for _ in range(AT_ONCE)]
        assert self.ask_at_once(unknown, address="192.0.2.1") == {"OK": AT_ONCE}

    def take_without_guard(self, monkeypatch: pytest.MonkeyPatch, guarded: str) -> None:
        """Let one budget be read by all before any of them takes from it."""
        read = meet_after(lambda key: Budget.objects.filter(key=key).first())

        def read_then_take(*, key: str, limit: int, now: datetime, **others: Any) -> int:
            if key == guarded:
                held = read(key)
                if held and held.count >= limit:
                    raise BudgetSpent(next_at=now, now=now)
                limit = 10**6
            return budgets.take_from_budget(key=key, limit=limit, now=now, **others)

        monkeypatch.setattr(send_sign_in_code, "take_from_budget", read_then_take)


class TestGuessingAServicePassword:
    @pytest.fixture
    def compared(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Every comparison of a password with the kept one."""
        seen: list[str] = []

        def compare(entered: str, _kept: str) -> bool:
            seen.append(entered)
            return False

        monkeypatch.setattr(check_service_password, "check_password", compare)
        return seen

    def try_at_once(self) -> Counter[str]:
        line = make_line()
        give_service_password(line)
        return outcomes(
            lambda number: check_service_password.check_service_password(
                msisdn=line.msisdn, password=PASSWORD, address=f"192.0.2.{number}", now=NOON
            )
        )

    def test_gets_five_comparisons_however_many_try_at_once(self, compared: list[str]) -> None:
        assert self.try_at_once() == {"SERVICE_PASSWORD_WRONG": 4, "SERVICE_PASSWORD_LOCKED": 60}
        assert len(compared) == 5
        counts = dict(Budget.objects.exclude(key__contains=":address:").values_list("key", "count"))
        assert sorted(counts.values()) == [5, 5]

    def test_gets_thirty_in_a_row_when_the_password_alone_would_allow_more(
        self, compared: list[str], settings: Any
    ) -> None:
        settings.SERVICE_PASSWORD_TRIES = 1_000
        assert self.try_at_once() == {"SERVICE_PASSWORD_WRONG": 30, "SIGN_IN_LOCKED": 34}
        assert len(compared) == 30

    def test_would_get_more_if_tries_were_read_and_then_counted(
        self, compared: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = meet_after(lambda key: Budget.objects.filter(key=key).first())

        def read_then_take(*, key: str, limit: int, now: datetime, **others: Any) -> int:
            if key.startswith("service-password:failures:"):
                held = read(key)
                if held and held.count >= limit:
                    raise BudgetSpent(next_at=now, now=now)
                return 1
            return budgets.take_from_budget(key=key, limit=limit, now=now, **others)

        monkeypatch.setattr(check_service_password, "take_from_budget", read_then_take)
        monkeypatch.setattr(check_service_password, "count_try", lambda **_arguments: None)
        assert self.try_at_once() == {"SERVICE_PASSWORD_WRONG": AT_ONCE}
        assert len(compared) == AT_ONCE


class TestOneSumForManyCodes:
    def use_at_once(self) -> int:
        """Return how often the answer to one sum was taken."""
        challenge = altcha.Challenge.from_dict(json.loads(get_challenge(now=NOON)))
        solution = altcha.solve_challenge(challenge)
        assert solution is not None
        work = altcha.Payload(challenge, solution).to_base64()
        return at_once(lambda _number: send_sign_in_code._is_done(work, now=NOON)).count(True)

    def test_is_taken_once(self) -> None:
        assert self.use_at_once() == 1

    def test_would_be_taken_often_if_it_were_looked_for_and_then_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        look = meet_after(lambda key: Budget.objects.filter(key=key).exists())

        def look_then_keep(*, key: str, now: datetime, **_others: Any) -> int:
            if look(key):
                raise BudgetSpent(next_at=now, now=now)
            return 1

        monkeypatch.setattr(send_sign_in_code, "take_from_budget", look_then_keep)
        assert self.use_at_once() == AT_ONCE
