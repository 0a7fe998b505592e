from datetime import datetime, timedelta

import pytest
from django.utils import translation
from pytest_django import Settings

from accounts.models import Bar, BarReason, CodePurpose, Line, LineState, SignIn, SignInCode
from accounts.operations.barring import AlreadyBarred, NotBarred
from accounts.operations.own_bars import (
    NotForCustomers,
    StoppedTooOften,
    StopTooLong,
    end_own_bars,
    report_lost_sim,
    restore_by_customer,
    stop_on_request,
)
from accounts.operations.send_sign_in_code import send_sign_in_code
from accounts.operations.sign_in import CodeWrong, use_code
from kernel.channel import Channel
from messaging.models import Sms
from tests.factories.accounts import NOON, make_line, make_sign_in
from tests.factories.barring import BY_CUSTOMER, make_bar

pytestmark = pytest.mark.django_db


def stop(line: Line, *, days: int = 30, now: datetime = NOON) -> Bar:
    return stop_on_request(account_id=line.account_id, line_id=line.id, days=days, author=BY_CUSTOMER, now=now)


def restore(line: Line, reason: BarReason = BarReason.CUSTOMER_REQUEST, *, now: datetime = NOON) -> Bar:
    return restore_by_customer(account_id=line.account_id, line_id=line.id, reason=reason, channel=Channel.WEB, now=now)


def state_of(line: Line) -> str:
    return Line.objects.get(account_id=line.account_id, id=line.id).state


class TestReportLostSim:
    def test_stops_the_line_and_signs_it_out_elsewhere(self) -> None:
        line = make_line()
        here, there = make_sign_in(line, at=NOON), make_sign_in(line, at=NOON, browser="on the lost phone")
        report_lost_sim(
            account_id=line.account_id, line_id=line.id, author=BY_CUSTOMER, kept_sign_in_id=here.id, now=NOON
        )
        assert state_of(line) == LineState.SUSPENDED
        assert list(SignIn.objects.filter(ended_at=None).values_list("id", flat=True)) == [here.id]
        assert SignIn.objects.get(id=there.id).ended_at == NOON

    def test_no_code_reaches_the_lost_card_and_none_that_did_works(self) -> None:
        line = make_line()
        send_sign_in_code(msisdn=line.msisdn, address="203.0.113.7", now=NOON)
        code = Sms.objects.get().body[-6:]
        report_lost_sim(account_id=line.account_id, line_id=line.id, author=BY_CUSTOMER, now=NOON)
        assert SignInCode.objects.count() == 0
        later = NOON + timedelta(minutes=2)
        sent = send_sign_in_code(msisdn=line.msisdn, address="203.0.113.7", now=later)
        assert sent.expires_at > later
        assert list(Sms.objects.order_by("queued_at").values_list("kind", flat=True)) == ["SIGN_IN_CODE", "LINE_BARRED"]
        with pytest.raises(CodeWrong):
            use_code(msisdn=line.msisdn, code=code, purpose=CodePurpose.SIGN_IN, now=later)

    def test_refuses_a_second_report(self) -> None:
        line = make_line()
        for _time in range(2):
            if Bar.objects.exists():
                with pytest.raises(AlreadyBarred):
                    report_lost_sim(account_id=line.account_id, line_id=line.id, author=BY_CUSTOMER, now=NOON)
            else:
                report_lost_sim(account_id=line.account_id, line_id=line.id, author=BY_CUSTOMER, now=NOON)
        assert Sms.objects.count() == 1


class TestStopOnRequest:
    def test_stops_until_the_days_are_over(self) -> None:
        line = make_line()
        assert stop(line, days=60).until_at == NOON + timedelta(days=60)
        assert state_of(line) == LineState.SUSPENDED

    def test_refuses_other_days_and_a_second_stop(self) -> None:
        line = make_line()
        for days in (0, 31, 120):
            with pytest.raises(StopTooLong):
                stop(line, days=days)
        assert Bar.objects.count() == 0
        stop(line)
        with pytest.raises(AlreadyBarred):
            stop(line)
        assert Bar.objects.count() == 1

    def test_can_be_had_some_times_in_a_calendar_year(self, settings: Settings) -> None:
        settings.OWN_BARS_PER_YEAR = 2
        line = make_line()
        for day in (0, 1):
            stop(line, now=NOON + timedelta(days=day))
            restore(line, now=NOON + timedelta(days=day, hours=1))
        with translation.override("en"), pytest.raises(StoppedTooOften) as refusal:
            stop(line, now=NOON + timedelta(days=2))
        with translation.override("en"):
            assert str(refusal.value) == (
                "A number can be stopped at your request 2 times a year. It can be stopped again from Jan. 1, 2027."
            )
        assert (state_of(line), Bar.objects.count()) == (LineState.ACTIVE, 2)
        stop(line, now=NOON.replace(year=2027))
        assert state_of(line) == LineState.SUSPENDED


class TestRestoreByCustomer:
    @pytest.mark.parametrize("reason", [BarReason.CUSTOMER_REQUEST, BarReason.LOST_SIM])
    def test_lifts_what_is_the_customers(self, reason: BarReason) -> None:
        line = make_line()
        make_bar(line, reason)
        restore(line, reason)
        assert state_of(line) == LineState.ACTIVE

    @pytest.mark.parametrize("reason", [BarReason.OPERATOR, BarReason.FRAUD_REVIEW])
    def test_leaves_what_is_not(self, reason: BarReason) -> None:
        line = make_line()
        make_bar(line, reason)
        with pytest.raises(NotForCustomers):
            restore(line, reason)
        assert state_of(line) == LineState.SUSPENDED
        with pytest.raises(NotBarred):
            restore(line)


class TestEndOwnBars:
    def test_restores_when_the_time_is_over_and_once(self) -> None:
        line, lasting = make_line(), make_line()
        stop(line, days=30)
        stop(lasting, days=60)
        after = NOON + timedelta(days=30)
        assert end_own_bars(now=after - timedelta(seconds=1)) == 0
        assert (end_own_bars(now=after), end_own_bars(now=after)) == (1, 0)
        assert (state_of(line), state_of(lasting)) == (LineState.ACTIVE, LineState.SUSPENDED)
        bar = Bar.objects.get(line_id=line.id)
        assert (bar.ended_by, bar.ended_at) == ("SYSTEM", after)
        assert Sms.objects.filter(kind="LINE_RESTORED").count() == 1
