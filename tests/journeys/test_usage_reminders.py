"""Simulated usage on its way to the handset: the reminders of first use and of 80 % come once each."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from accounts.queries.lines import get_line_by_msisdn
from kernel.clock import now
from messaging.models import Sms
from packages_app.models import UsageRecord
from packages_app.operations.record_usage import UsageResult, UsageRow, record_usage
from packages_app.queries.allowance import get_allowance
from portal.demo.people import FIXED_PEOPLE
from tests.halls import CHECKOUT, StartedHall
from tests.journeys.conftest import Enter
from tests.journeys.visitors import soon, texts_of

pytestmark = pytest.mark.browser

CHEN, _LIN, _EMMA, WANG = (person.msisdn for person in FIXED_PEOPLE)
FIRST_USE = "您本月已开始使用流量"
PASSED_80 = "您的畅享套餐59元流量已用.+（8[0-9]%）"


@contextmanager
def simulation(hall: StartedHall) -> Iterator[None]:
    """Demo lines use what they have, some hundred times as fast as in a hall that people look at."""
    command = [str(CHECKOUT / "bin" / "manage"), "simulate", "--seconds", "0.02"]
    process = subprocess.Popen(command, env=hall.environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_usage_reminds_once_of_its_start_and_once_at_80_percent(enter: Enter, hall: StartedHall) -> None:
    assert (texts_of(WANG, FIRST_USE), texts_of(CHEN, PASSED_80)) == ([], [])
    chen = get_line_by_msisdn(CHEN)
    visitor = enter(signed_in=CHEN)
    visitor.page.goto("/")
    with simulation(hall):
        visitor.handset.wait_for(PASSED_80)
        soon(lambda: len(texts_of(WANG, FIRST_USE)) == 1)
        used = get_allowance(chen.account_id, chen.id, now()).data.used
        soon(lambda: get_allowance(chen.account_id, chen.id, now()).data.used > used)
    visitor.page.goto(f"/handset/?msisdn={WANG}")
    visitor.handset.wait_for(FIRST_USE)
    assert (len(texts_of(WANG, FIRST_USE)), len(texts_of(CHEN, PASSED_80))) == (1, 1)

    reminders = Sms.objects.filter(kind__startswith="DATA_").count()
    records = UsageRecord.objects.filter(account_id=chen.account_id).order_by("-started_at")[:20]
    again = [UsageRow(CHEN, row.record_key, row.started_at, row.usage_kind, row.amount) for row in records]
    used = get_allowance(chen.account_id, chen.id, now()).data.used
    assert record_usage(records=again, now=now()) == UsageResult(recorded=0, repeated=20, rejected=[])
    assert get_allowance(chen.account_id, chen.id, now()).data.used == used
    assert Sms.objects.filter(kind__startswith="DATA_").count() == reminders
