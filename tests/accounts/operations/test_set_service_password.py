import uuid
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import CodePurpose, Line, ServicePassword, SignInCode
from accounts.operations.check_service_password import ServicePasswordWrong, check_service_password
from accounts.operations.send_sign_in_code import send_sign_in_code
from accounts.operations.service_password_rules import ServicePasswordWeak
from accounts.operations.set_service_password import (
    NoServicePassword,
    ServicePasswordExists,
    change_service_password,
    reset_service_password,
    set_service_password,
    withdraw_reset,
)
from accounts.operations.sign_in import CodeExpired, CodeWrong
from kernel.errors import NotFound
from messaging.models import Sms
from tests.factories.accounts import NOON, PASSWORD, give_service_password, make_line

pytestmark = pytest.mark.django_db

NEXT = "a lamp in the third window"
DAY = 24 * 3600


def code_for(line: Line, purpose: CodePurpose = CodePurpose.SERVICE_PASSWORD) -> str:
    send_sign_in_code(msisdn=line.msisdn, address="192.0.2.1", purpose=purpose, now=NOON)
    return Sms.objects.filter(account_id=line.account_id, secret=True).order_by("-id").latest("queued_at").body[-6:]


def ours(line: Line, seconds: float = 1) -> dict[str, Any]:
    return {"account_id": line.account_id, "line_id": line.id, "now": NOON + timedelta(seconds=seconds)}


def fits(line: Line, password: str, *, seconds: float = 2) -> bool:
    try:
        check_service_password(
            msisdn=line.msisdn, password=password, address="192.0.2.9", now=NOON + timedelta(seconds=seconds)
        )
    except ServicePasswordWrong:
        return False
    return True


def kinds(line: Line) -> list[str]:
    return list(Sms.objects.filter(account_id=line.account_id, secret=False).values_list("kind", flat=True))


class TestSetServicePassword:
    def test_keeps_a_hash_and_tells_the_line(self) -> None:
        line = make_line()
        set_service_password(**ours(line), password=PASSWORD, code=code_for(line))
        assert fits(line, PASSWORD)
        assert PASSWORD not in ServicePassword.objects.get().password_hash
        assert kinds(line) == ["SERVICE_PASSWORD_SET"]

    def test_refuses_a_weak_one_and_leaves_the_code_alone(self) -> None:
        line = make_line()
        code = code_for(line)
        with pytest.raises(ServicePasswordWeak):
            set_service_password(**ours(line), password="12345678", code=code)
        assert (ServicePassword.objects.count(), SignInCode.objects.get().guesses) == (0, 0)

    def test_refuses_a_code_that_was_sent_to_sign_in(self) -> None:
        line = make_line()
        with pytest.raises(CodeExpired):
            set_service_password(**ours(line), password=PASSWORD, code=code_for(line, CodePurpose.SIGN_IN))
        assert ServicePassword.objects.count() == 0

    def test_refuses_a_wrong_code(self) -> None:
        line = make_line()
        wrong = f"{(int(code_for(line)) + 1) % 10**6:06d}"
        with pytest.raises(CodeWrong):
            set_service_password(**ours(line), password=PASSWORD, code=wrong)
        assert (ServicePassword.objects.count(), kinds(line)) == (0, [])

    def test_never_takes_the_place_of_one_that_is_there(self) -> None:
        line = make_line()
        give_service_password(line)
        with pytest.raises(ServicePasswordExists):
            set_service_password(**ours(line), password=NEXT, code=code_for(line))
        assert fits(line, PASSWORD)

    def test_refuses_the_line_of_another_account(self) -> None:
        line, other = make_line(), make_line()
        with pytest.raises(NotFound):
            set_service_password(
                account_id=other.account_id, line_id=line.id, password=PASSWORD, code=code_for(line), now=NOON
            )
        assert ServicePassword.objects.count() == 0


class TestChangeServicePassword:
    def change(self, line: Line, new: str) -> None:
        change_service_password(**ours(line), password=new)

    def test_puts_the_new_one_in_the_place_of_the_old_and_tells_the_line(self) -> None:
        line = make_line()
        give_service_password(line)
        self.change(line, NEXT)
        assert (fits(line, NEXT), fits(line, PASSWORD)) == (True, False)
        assert kinds(line) == ["SERVICE_PASSWORD_SET"]

    def test_changes_nothing_where_there_is_none(self) -> None:
        line = make_line()
        with pytest.raises(NoServicePassword):
            self.change(line, NEXT)
        assert (ServicePassword.objects.count(), kinds(line)) == (0, [])

    def test_refuses_a_weak_one(self) -> None:
        line = make_line()
        give_service_password(line)
        with pytest.raises(ServicePasswordWeak):
            self.change(line, "11111111")
        assert (fits(line, PASSWORD), kinds(line)) == (True, [])

    def test_withdraws_a_reset_that_waits(self) -> None:
        line = make_line()
        give_service_password(line)
        reset_service_password(**ours(line), password="eleven quiet gardeners", code=code_for(line))
        self.change(line, NEXT)
        assert fits(line, NEXT, seconds=DAY + 2)
        assert not fits(line, "eleven quiet gardeners", seconds=DAY + 2)


class TestResetServicePassword:
    def test_lets_the_new_one_hold_after_a_day_and_the_old_one_until_then(self) -> None:
        line = make_line()
        give_service_password(line)
        holds_from = reset_service_password(**ours(line), password=NEXT, code=code_for(line))
        assert holds_from == NOON + timedelta(seconds=DAY + 1)
        assert (fits(line, PASSWORD, seconds=DAY), fits(line, NEXT, seconds=DAY)) == (True, False)
        assert (fits(line, PASSWORD, seconds=DAY + 1), fits(line, NEXT, seconds=DAY + 1)) == (False, True)
        assert kinds(line) == ["SERVICE_PASSWORD_RESET"]

    def test_asks_for_a_code(self) -> None:
        line = make_line()
        give_service_password(line)
        with pytest.raises(CodeExpired):
            reset_service_password(**ours(line), password=NEXT, code="123456")
        assert ServicePassword.objects.get().next_at is None

    def test_refuses_where_there_is_none(self) -> None:
        line = make_line()
        with pytest.raises(NoServicePassword):
            reset_service_password(**ours(line), password=NEXT, code=code_for(line))
        assert ServicePassword.objects.count() == 0


class TestWithdrawReset:
    def test_keeps_the_old_one(self) -> None:
        line = make_line()
        give_service_password(line)
        reset_service_password(**ours(line), password=NEXT, code=code_for(line))
        withdraw_reset(**ours(line, seconds=DAY))
        assert (fits(line, PASSWORD, seconds=DAY + 2), fits(line, NEXT, seconds=DAY + 2)) == (True, False)

    def test_comes_too_late_when_the_new_one_holds(self) -> None:
        line = make_line()
        give_service_password(line)
        reset_service_password(**ours(line), password=NEXT, code=code_for(line))
        with pytest.raises(NoServicePassword):
            withdraw_reset(**ours(line, seconds=DAY + 1))
        assert fits(line, NEXT, seconds=DAY + 2)

    def test_refuses_where_there_is_none(self) -> None:
        with pytest.raises(NoServicePassword):
            withdraw_reset(account_id=uuid.uuid4(), line_id=uuid.uuid4(), now=NOON)
