from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Budget, Line
from accounts.operations import check_service_password as checking
from accounts.operations.check_service_password import (
    ServicePasswordLocked,
    ServicePasswordWrong,
    TooManyPasswords,
    check_service_password,
    unlock_service_password,
)
from accounts.operations.sign_in_lock import SignInLocked
from tests.factories.accounts import NOON, PASSWORD, fresh_msisdn, give_service_password, make_line

pytestmark = pytest.mark.django_db


def enter(msisdn: str, password: str, *, seconds: float = 0, address: str = "192.0.2.1") -> Line:
    return check_service_password(
        msisdn=msisdn, password=password, address=address, now=NOON + timedelta(seconds=seconds)
    )


def protected_line() -> Line:
    line = make_line()
    give_service_password(line)
    return line


def fail(msisdn: str, *, times: int, seconds: float = 0) -> list[type[Exception]]:
    refusals: list[type[Exception]] = []
    for _ in range(times):
        with pytest.raises((ServicePasswordWrong, ServicePasswordLocked)) as refusal:
            enter(msisdn, "not the one", seconds=seconds)
        refusals.append(refusal.type)
    return refusals


class TestCheckServicePassword:
    def test_returns_the_line_for_the_right_one(self) -> None:
        line = protected_line()
        assert enter(line.msisdn, PASSWORD) == line

    def test_reads_full_width_characters_as_plain_ones(self) -> None:
        line = protected_line()
        wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in PASSWORD)
        assert enter(line.msisdn, wide) == line

    def test_says_how_many_tries_are_left(self) -> None:
        with pytest.raises(ServicePasswordWrong) as refusal:
            enter(protected_line().msisdn, "not the one")
        assert "4" in str(refusal.value.cure)

    def test_locks_at_the_fifth_wrong_one_even_for_the_right_one_and_says_until_when(self) -> None:
        line = protected_line()
        assert fail(line.msisdn, times=5) == [ServicePasswordWrong] * 4 + [ServicePasswordLocked]
        with pytest.raises(ServicePasswordLocked) as refusal:
            enter(line.msisdn, PASSWORD, seconds=24 * 3600 - 1)
        assert refusal.value.next_at == NOON + timedelta(days=1)
        assert enter(line.msisdn, PASSWORD, seconds=24 * 3600) == line

    def test_starts_the_count_anew_with_a_right_one(self) -> None:
        line = protected_line()
        fail(line.msisdn, times=4)
        enter(line.msisdn, PASSWORD)
        assert fail(line.msisdn, times=4) == [ServicePasswordWrong] * 4

    def test_answers_alike_for_numbers_not_in_use_and_lines_without_one(self) -> None:
        assert fail(fresh_msisdn(), times=5) == fail(make_line().msisdn, times=5)

    def test_hashes_as_often_whether_there_is_one_or_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hashed: list[str] = []
        monkeypatch.setattr(checking, "make_password", lambda _password: hashed.append("made"))

        def never(_password: str, _hash: str) -> bool:
            hashed.append("checked")
            return False

        monkeypatch.setattr(checking, "check_password", never)
        for msisdn in (fresh_msisdn(), make_line().msisdn, protected_line().msisdn):
            fail(msisdn, times=1)
        assert hashed == ["made", "made", "checked"]

    def test_counts_before_it_compares(self, monkeypatch: pytest.MonkeyPatch) -> None:
        line = protected_line()

        def compare(*_args: Any) -> bool:
            assert Budget.objects.get(key=f"service-password:failures:{line.msisdn}").count == 1
            return False

        monkeypatch.setattr(checking, "check_password", compare)
        fail(line.msisdn, times=1)

    def test_lets_one_address_try_so_many_numbers_only(self, settings: Any) -> None:
        settings.SERVICE_PASSWORD_TRIES_PER_ADDRESS_HOUR = 2
        line = protected_line()
        fail(fresh_msisdn(), times=2)
        before = set(Budget.objects.values_list("key", "count"))
        with pytest.raises(TooManyPasswords):
            enter(line.msisdn, PASSWORD)
        assert set(Budget.objects.values_list("key", "count")) == before
        assert enter(line.msisdn, PASSWORD, address="192.0.2.2") == line

    def test_counts_towards_the_lock_of_all_online_sign_in(self, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_BEFORE_LOCK = 3
        line = protected_line()
        fail(line.msisdn, times=3)
        with pytest.raises(SignInLocked):
            enter(line.msisdn, PASSWORD)


class TestUnlockServicePassword:
    def test_lets_the_right_one_in_again(self) -> None:
        line = protected_line()
        fail(line.msisdn, times=5)
        unlock_service_password(msisdn=line.msisdn)
        assert enter(line.msisdn, PASSWORD) == line
