"""A worker dies between sending texts and noting it. Its work is picked up, and each text is on the handset once."""

import time
import uuid
from collections import Counter
from pathlib import Path

import pytest
from django.utils import timezone

from messaging.models import Sms, SmsState, StubText
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.texts import SmsTemplate
from tests.factories.billing import make_line
from tests.factories.messaging import NOTICE, SECRET, receive_text
from tests.faults.conftest import StartWorker
from tests.halls import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = 20
# The promise is 40 s, and a busy machine has ample room.
PICKED_UP_WITHIN = 120


def queue_texts(count: int, template: SmsTemplate = NOTICE) -> None:
    line = make_line()
    requests = [
        SmsRequest(line.account_id, line.msisdn, template, "en", {"name": "x", "code": "482913"}, f"fault:{number}")
        for number in range(count)
    ]
    queue_sms_batch(requests=requests, now=timezone.now())


def handed_over(notes: Path) -> Counter[uuid.UUID]:
    """How often each text was handed to the gateway."""
    return Counter(uuid.UUID(line) for line in notes.read_text().split())


def all_are(state: SmsState) -> bool:
    return set(Sms.objects.values_list("state", flat=True)) == {state}


class TestAKilledProcess:
    def test_leaves_each_text_on_the_handset_once(self, start_worker: StartWorker, gateway_notes: Path) -> None:
        start_worker("KillsItsProcess")
        queue_texts(TEXTS)
        wait_for(gateway_notes.exists, seconds=60)
        wait_for(lambda: all_are(SmsState.SENT), seconds=PICKED_UP_WITHIN)
        assert StubText.objects.count() == TEXTS
        assert set(StubText.objects.values_list("id", flat=True)) == set(Sms.objects.values_list("id", flat=True))
        # The batch had left before the kill, so without an idempotent gateway each would have come twice.
        assert min(handed_over(gateway_notes).values()) >= 2

    def test_takes_nothing_else_with_it(self, start_worker: StartWorker, gateway_notes: Path) -> None:
        start_worker("KillsItsProcess", scheduled=False)
        queue_texts(TEXTS)
        wait_for(gateway_notes.exists, seconds=60)
        receive_text(make_line(language="en"), "CXYE", now=timezone.now())
        wait_for(lambda: StubText.objects.filter(body__contains="your balance is").exists(), seconds=60)

    def test_never_sends_a_code_again(self, start_worker: StartWorker, gateway_notes: Path) -> None:
        start_worker("KillsItsProcess")
        queue_texts(1, SECRET)
        wait_for(gateway_notes.exists, seconds=60)
        wait_for(lambda: all_are(SmsState.PARKED), seconds=PICKED_UP_WITHIN)
        assert Counter(handed_over(gateway_notes).values()) == {1: 1}
        sms = Sms.objects.get()
        assert (sms.body, sms.attempts, sms.last_error) == ("", 1, "outcome unknown: the worker was lost")


class TestAKilledWorker:
    def test_is_replaced_and_leaves_each_text_on_the_handset_once(
        self, start_worker: StartWorker, gateway_notes: Path
    ) -> None:
        killed = start_worker("KillsItsWorker", scheduled=False)
        queue_texts(TEXTS)
        wait_for(lambda: not killed.is_alive, seconds=60)
        killed_at = time.monotonic()
        start_worker("NotedGateway")
        wait_for(lambda: all_are(SmsState.SENT), seconds=PICKED_UP_WITHIN - (time.monotonic() - killed_at))
        assert StubText.objects.count() == TEXTS
        assert min(handed_over(gateway_notes).values()) >= 2


class TestAGatewayThatHangs:
    def test_is_cut_off_and_left_alone_and_loses_nothing(
        self, start_worker: StartWorker, gateway_notes: Path, tmp_path: Path
    ) -> None:
        start_worker("Hangs")
        queue_texts(TEXTS)
        wait_for(gateway_notes.exists, seconds=60)
        log = tmp_path / "log" / "worker.log"
        wait_for(lambda: "sms_gateway_unavailable" in log.read_text(), seconds=60)  # the promise is 30 s
        wait_for(lambda: all_are(SmsState.SENT), seconds=PICKED_UP_WITHIN)
        assert StubText.objects.count() == TEXTS

    def test_does_not_hold_up_the_halls(self, start_worker: StartWorker, gateway_notes: Path) -> None:
        start_worker("Hangs", scheduled=False, send_timeout_seconds=60)
        queue_texts(TEXTS)
        wait_for(gateway_notes.exists, seconds=60)
        line = make_line(language="en")
        receive_text(line, "CXYE", now=timezone.now())
        wait_for(lambda: Sms.objects.filter(account_id=line.account_id).exists(), seconds=60)
