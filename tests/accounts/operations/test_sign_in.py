from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Budget, Line, LineState, SignInCode
from accounts.operations.send_sign_in_code import send_sign_in_code
from accounts.operations.sign_in import CodeExpired, CodeWrong, TooManyGuesses, sign_in_with_code
from accounts.operations.sign_in_lock import SignInLocked
from messaging.models import Sms
from tests.factories.accounts import NOON, fresh_msisdn, make_line

pytestmark = pytest.mark.django_db


def sent_code(line: Line, *, seconds: float = 0) -> str:
    send_sign_in_code(msisdn=line.msisdn, address="192.0.2.1", now=NOON + timedelta(seconds=seconds))
    return Sms.objects.filter(account_id=line.account_id).order_by("-queued_at")[0].body[-6:]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def enter(msisdn: str, code: str, *, seconds: float = 1) -> Line:
    return sign_in_with_code(msisdn=msisdn, code=code, now=NOON + timedelta(seconds=seconds))


class TestSignInWithCode:
    def test_returns_the_line_for_the_right_code(self) -> None:
        line = make_line()
        assert enter(line.msisdn, sent_code(line)) == line
        assert SignInCode.objects.get().used_at == NOON + timedelta(seconds=1)

    def test_takes_a_code_once(self) -> None:
        line = make_line()
        code = sent_code(line)
        enter(line.msisdn, code)
        with pytest.raises(CodeExpired):
            enter(line.msisdn, code, seconds=2)
        assert SignInCode.objects.get().guesses == 1

    def test_counts_a_wrong_code_and_says_how_many_tries_are_left(self) -> None:
        line = make_line()
        code = sent_code(line)
        with pytest.raises(CodeWrong) as refusal:
            enter(line.msisdn, wrong(code))
        assert "4" in str(refusal.value.cure)
        kept = SignInCode.objects.get()
        assert (kept.guesses, kept.used_at) == (1, None)

    def test_takes_the_right_code_at_the_fifth_try(self) -> None:
        line = make_line()
        code = sent_code(line)
        SignInCode.objects.update(guesses=4)
        assert enter(line.msisdn, code) == line

    def test_ends_the_code_at_the_fifth_wrong_try(self) -> None:
        line = make_line()
        code = sent_code(line)
        SignInCode.objects.update(guesses=4)
        with pytest.raises(TooManyGuesses):
            enter(line.msisdn, wrong(code))
        assert SignInCode.objects.get().guesses == 5

    def test_refuses_a_sixth_guess_even_if_it_is_right(self) -> None:
        line = make_line()
        code = sent_code(line)
        SignInCode.objects.update(guesses=5)
        with pytest.raises(TooManyGuesses):
            enter(line.msisdn, code)
        kept = SignInCode.objects.get()
        assert (kept.guesses, kept.used_at) == (5, None)

    def test_takes_a_code_until_its_last_second(self) -> None:
        line = make_line()
        code = sent_code(line)
        assert enter(line.msisdn, code, seconds=299.999) == line

    def test_refuses_an_old_code_and_counts_nothing(self) -> None:
        line = make_line()
        code = sent_code(line)
        budgets = list(Budget.objects.order_by("key").values())
        with pytest.raises(CodeExpired):
            enter(line.msisdn, code, seconds=300)
        kept = SignInCode.objects.get()
        assert (kept.guesses, kept.used_at) == (0, None)
        assert list(Budget.objects.order_by("key").values()) == budgets

    def test_refuses_a_code_from_the_future_of_a_clock_that_was_set_back(self) -> None:
        line = make_line()
        code = sent_code(line)
        with pytest.raises(CodeExpired):
            enter(line.msisdn, code, seconds=-600)

    def test_refuses_the_code_of_another_number(self) -> None:
        line, other = make_line(), make_line()
        code = sent_code(line)
        sent_code(other)
        SignInCode.objects.filter(key=f"SIGN_IN:{other.msisdn}").update(
            code_hash=SignInCode.objects.get(key=f"SIGN_IN:{line.msisdn}").code_hash
        )
        with pytest.raises(CodeWrong):
            enter(other.msisdn, code)

    def test_refuses_a_number_that_never_asked(self) -> None:
        with pytest.raises(CodeExpired):
            enter(make_line().msisdn, "123456")
        assert SignInCode.objects.count() == 0

    def test_answers_for_numbers_not_in_use_as_for_wrong_codes(self) -> None:
        unknown = fresh_msisdn()
        send_sign_in_code(msisdn=unknown, address="192.0.2.1", now=NOON)
        for _ in range(4):
            with pytest.raises(CodeWrong):
                enter(unknown, "no code")
        with pytest.raises(TooManyGuesses):
            enter(unknown, "no code")

    def test_answers_the_same_even_if_the_code_of_a_number_not_in_use_is_hit(self) -> None:
        line = make_line()
        code = sent_code(line)
        Line.objects.update(state=LineState.CLOSED)
        with pytest.raises(CodeWrong):
            enter(line.msisdn, code)


class TestLock:
    def fail(self, line: Line, *, times: int, seconds: float = 1) -> None:
        SignInCode.objects.update(guesses=0)
        for _ in range(times):
            with pytest.raises((CodeWrong, TooManyGuesses)):
                enter(line.msisdn, "no code", seconds=seconds)

    def test_comes_after_thirty_failures_in_a_row_whichever_codes_they_were_against(self, settings: Any) -> None:
        line = make_line()
        code = sent_code(line)
        for _ in range(6):
            self.fail(line, times=5)
        SignInCode.objects.update(guesses=0)
        with pytest.raises(SignInLocked) as refusal:
            enter(line.msisdn, code, seconds=2)
        assert refusal.value.next_at == NOON + timedelta(days=1, seconds=1)
        kept = SignInCode.objects.get()
        assert (kept.guesses, kept.used_at) == (0, None)

    def test_does_not_come_if_a_right_code_was_among_them(self) -> None:
        line = make_line()
        code = sent_code(line)
        for _ in range(5):
            self.fail(line, times=5)
        self.fail(line, times=4)
        assert enter(line.msisdn, code) == line
        assert not Budget.objects.filter(key=f"sign-in:failures:{line.msisdn}").exists()

    def test_ends_after_its_time(self, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_BEFORE_LOCK = 5
        settings.SIGN_IN_LOCK_SECONDS = 3600
        line = make_line()
        sent_code(line)
        self.fail(line, times=5)
        with pytest.raises(SignInLocked):
            enter(line.msisdn, "no code", seconds=3600)
        code = sent_code(line, seconds=3601)
        assert enter(line.msisdn, code, seconds=3602) == line

    def test_concerns_one_number_only(self, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_BEFORE_LOCK = 5
        line, other = make_line(), make_line()
        sent_code(line)
        self.fail(line, times=5)
        assert enter(other.msisdn, sent_code(other)) == other
