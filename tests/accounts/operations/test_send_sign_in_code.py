import re
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Budget, SignInCode
from accounts.operations.send_sign_in_code import CodeSent, TooManyCodes, send_sign_in_code
from accounts.operations.sign_in import CodeWrong, sign_in_with_code
from accounts.operations.sign_in_lock import SignInLocked, count_try
from messaging.models import Sms
from tests.factories.accounts import NOON, fresh_msisdn, make_line

pytestmark = pytest.mark.django_db


def send(msisdn: str, *, seconds: float = 0, address: str = "192.0.2.1") -> CodeSent:
    return send_sign_in_code(msisdn=msisdn, address=address, now=NOON + timedelta(seconds=seconds))


def counts() -> dict[str, int]:
    return dict(Budget.objects.values_list("key", "count"))


class TestSendSignInCode:
    def test_says_when_the_next_may_be_asked_for_and_until_when_this_one_works(self) -> None:
        sent = send(make_line().msisdn)
        assert sent == CodeSent(next_at=NOON + timedelta(seconds=60), expires_at=NOON + timedelta(minutes=5))

    def test_queues_one_text_that_ends_with_the_code_for_this_site(self, settings: Any) -> None:
        settings.PUBLIC_URL = "https://hall.example.com:8443"
        line = make_line()
        send(line.msisdn)
        sms = Sms.objects.get()
        assert (sms.account_id, sms.msisdn) == (line.account_id, line.msisdn)
        assert (sms.kind, sms.secret) == ("SIGN_IN_CODE", True)
        assert (sms.due_at, sms.expires_at) == (NOON, NOON + timedelta(minutes=5))
        first, last = sms.body.split("\n")
        code = last.removeprefix("@hall.example.com #")
        assert re.fullmatch(r"[0-9]{6}", code)
        assert first.startswith(f"【和风通信】您的登录验证码是{code}，5分钟内有效。")

    def test_writes_in_the_language_of_the_line(self) -> None:
        send(make_line(language="en").msisdn)
        assert Sms.objects.get().body.startswith("[Hefeng Telecom] Your sign-in code is ")

    def test_keeps_no_code_but_a_hash_bound_to_the_number(self) -> None:
        line = make_line()
        send(line.msisdn)
        code = Sms.objects.get().body[-6:]
        kept = SignInCode.objects.get()
        assert kept.key == f"SIGN_IN:{line.msisdn}"
        assert kept.code_hash == SignInCode.hash_of(kept.key, code)
        assert kept.code_hash != SignInCode.hash_of(f"SIGN_IN:{fresh_msisdn()}", code)
        assert len(kept.code_hash) == 64

    def test_sends_no_text_to_a_number_not_in_use_but_answers_and_counts_the_same(self) -> None:
        unknown = fresh_msisdn()
        sent = send(unknown)
        assert sent == CodeSent(next_at=NOON + timedelta(seconds=60), expires_at=NOON + timedelta(minutes=5))
        assert Sms.objects.count() == 0
        assert SignInCode.objects.get().key == f"SIGN_IN:{unknown}"
        assert counts() == {
            f"code:number:resend:{unknown}": 1,
            f"code:number:hour:{unknown}": 1,
            f"code:number:day:{unknown}": 1,
            f"code:number:wait:{unknown}": 1,
            "code:address:hour:192.0.2.1": 1,
            "code:address:day:192.0.2.1": 1,
            f"code:range:hour:{unknown[:10]}": 1,
            "code:overall:hour": 1,
        }

    def test_replaces_the_code_before(self) -> None:
        line = make_line()
        send(line.msisdn)
        old = Sms.objects.get().body[-6:]
        send(line.msisdn, seconds=60)
        newer = Sms.objects.order_by("-queued_at")[0].body[-6:]
        with pytest.raises(CodeWrong):
            sign_in_with_code(msisdn=line.msisdn, code=old, now=NOON + timedelta(seconds=61))
        assert sign_in_with_code(msisdn=line.msisdn, code=newer, now=NOON + timedelta(seconds=62)).id == line.id

    def test_gives_a_new_code_its_own_guesses(self) -> None:
        line = make_line()
        send(line.msisdn)
        SignInCode.objects.update(guesses=5, used_at=NOON)
        send(line.msisdn, seconds=60)
        kept = SignInCode.objects.get()
        assert (kept.guesses, kept.used_at) == (0, None)


class TestSendingLimits:
    def refused(self, msisdn: str, *, seconds: float, address: str = "192.0.2.1") -> float:
        """Return after how many seconds the next code may be asked for, having checked that nothing moved."""
        before = (counts(), Sms.objects.count(), list(SignInCode.objects.order_by("key").values()))
        with pytest.raises(TooManyCodes) as refusal:
            send(msisdn, seconds=seconds, address=address)
        assert (counts(), Sms.objects.count(), list(SignInCode.objects.order_by("key").values())) == before
        return (refusal.value.next_at - NOON).total_seconds()

    def test_allow_one_code_a_minute_for_a_number(self) -> None:
        line = make_line()
        send(line.msisdn)
        assert self.refused(line.msisdn, seconds=59) == 60
        send(line.msisdn, seconds=60)
        assert Sms.objects.count() == 2

    def test_allow_five_codes_an_hour_for_a_number(self) -> None:
        line = make_line()
        for minute in range(5):
            send(line.msisdn, seconds=60 * minute)
        assert self.refused(line.msisdn, seconds=300) == 3600
        send(line.msisdn, seconds=3600)
        assert Sms.objects.count() == 6

    def test_allow_ten_codes_a_day_for_a_number(self) -> None:
        line = make_line()
        for hour in range(10):
            send(line.msisdn, seconds=3600 * hour)
        assert self.refused(line.msisdn, seconds=36000) == 86400
        send(line.msisdn, seconds=86400)
        assert Sms.objects.count() == 11

    def test_allow_twenty_codes_an_hour_for_an_address(self) -> None:
        for _ in range(20):
            send(fresh_msisdn())
        assert self.refused(fresh_msisdn(), seconds=60) == 3600
        send(fresh_msisdn(), seconds=60, address="192.0.2.2")
        assert SignInCode.objects.count() == 21

    def test_are_the_same_for_numbers_not_in_use(self) -> None:
        unknown = fresh_msisdn()
        send(unknown)
        assert self.refused(unknown, seconds=59) == 60

    def test_limit_a_range_of_numbers(self, settings: Any) -> None:
        settings.SIGN_IN_CODES_PER_RANGE_HOUR = 3
        for number in range(3):
            send(f"+86138001300{number:02d}", address=f"192.0.2.{number}")
        assert self.refused("+8613800130099", seconds=1, address="192.0.2.99") == 3600
        send("+8613800140000", seconds=1, address="192.0.2.99")
        assert SignInCode.objects.count() == 4

    def test_limit_the_whole_hall(self, settings: Any) -> None:
        settings.SIGN_IN_CODES_PER_HOUR_OVERALL = 2
        send("+8613800130000", address="192.0.2.1")
        send("+8613900130000", address="192.0.2.2")
        assert self.refused("+8613700130000", seconds=1, address="192.0.2.3") == 3600

    def test_send_nothing_while_the_number_is_locked(self, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_BEFORE_LOCK = 1
        line = make_line()
        count_try(msisdn=line.msisdn, now=NOON)
        before = counts()
        with pytest.raises(SignInLocked) as refusal:
            send(line.msisdn, seconds=1)
        assert refusal.value.next_at == NOON + timedelta(days=1)
        assert counts() == before
        assert Sms.objects.count() == 0
