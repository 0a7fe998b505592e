import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries, Settings

from messaging.models import Sms, SmsState
from messaging.operations import queue_sms as module
from messaging.operations.queue_sms import SmsRequest, queue_sms, queue_sms_batch
from messaging.task_names import DELIVER_SMS
from tests.factories.messaging import LATE, MORNING, NOTICE, NOW, REMINDER, SECRET, make_line, queue_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tasks that are nudged."""
    sent: list[str] = []
    monkeypatch.setattr(module, "nudge_after_commit", sent.append)
    return sent


class TestQueueSms:
    def test_writes_one_row_that_waits(self, nudges: list[str]) -> None:
        line = make_line()
        sms_id = queue_sms(
            account_id=line.account_id,
            msisdn=line.msisdn,
            template=NOTICE,
            language="zh-hans",
            values={"name": "陈晓雨"},
            dedup_key="greeting:1",
            now=NOW,
        )
        sms = Sms.objects.get(account_id=line.account_id)
        assert (sms.id, sms.msisdn, sms.kind, sms.body) == (sms_id, line.msisdn, "NOTICE", "【和风通信】您好，陈晓雨。")
        assert (sms.state, sms.attempts, sms.urgent, sms.secret) == (SmsState.QUEUED, 0, True, False)
        assert (sms.queued_at, sms.due_at, sms.expires_at) == (NOW, NOW, NOW + timedelta(hours=1))
        assert nudges == [DELIVER_SMS]

    def test_signs_in_the_language_of_the_line(self) -> None:
        assert queue_text(make_line(language="en")).body == "[Hefeng Telecom] Hello, 张三."

    def test_queues_one_text_per_reason(self, nudges: list[str]) -> None:
        line = make_line()
        first = queue_text(line, key="top-up:1")
        again = queue_text(line, key="top-up:1", template=REMINDER, now=NOW + timedelta(days=1))
        assert (again.id, again.body, again.queued_at) == (first.id, first.body, NOW)
        assert Sms.objects.count() == 1
        assert nudges == [DELIVER_SMS]

    def test_keeps_the_reasons_of_accounts_apart(self) -> None:
        assert queue_text(make_line(), key="same").id != queue_text(make_line(), key="same").id
        assert Sms.objects.count() == 2

    def test_lets_a_text_that_can_wait_sleep_through_the_quiet_hours(self) -> None:
        sms = queue_text(make_line(), template=REMINDER, now=LATE)
        assert (sms.due_at, sms.expires_at) == (MORNING, MORNING + timedelta(hours=6))

    def test_sends_an_urgent_text_in_the_quiet_hours(self) -> None:
        assert queue_text(make_line(), template=SECRET, now=LATE).due_at == LATE

    def test_honours_the_operators_quiet_hours(self, settings: Settings) -> None:
        settings.QUIET_HOURS_FROM, settings.QUIET_HOURS_TO = 0, 0
        assert queue_text(make_line(), template=REMINDER, now=LATE).due_at == LATE

    def test_marks_a_secret(self) -> None:
        assert queue_text(make_line(), template=SECRET).secret is True

    def test_goes_with_the_callers_transaction(self) -> None:
        line = make_line()
        with transaction.atomic():
            queue_text(line)
            transaction.set_rollback(True)
        assert Sms.objects.count() == 0


class TestQueueSmsBatch:
    def requests(self, keys: list[str]) -> list[SmsRequest]:
        line = make_line()
        return [SmsRequest(line.account_id, line.msisdn, NOTICE, "en", {"name": f"number {key}"}, key) for key in keys]

    def test_queues_what_is_new_in_one_statement(
        self, nudges: list[str], django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        requests = self.requests(["a", "b", "c"])
        queue_sms_batch(requests=requests[:1], now=NOW)
        with django_assert_num_queries(1):
            assert queue_sms_batch(requests=requests, now=NOW) == 2
        assert sorted(Sms.objects.values_list("body", flat=True)) == [
            "[Hefeng Telecom] Hello, number a.",
            "[Hefeng Telecom] Hello, number b.",
            "[Hefeng Telecom] Hello, number c.",
        ]
        assert nudges == [DELIVER_SMS, DELIVER_SMS]

    def test_writes_many_as_it_writes_few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        requests = self.requests(["a", "b"])
        queue_sms_batch(requests=requests, now=NOW)
        few = list(Sms.objects.order_by("id").values())
        Sms.objects.all().delete()
        monkeypatch.setattr("messaging.operations.queue_sms._MANY", 2)
        assert queue_sms_batch(requests=requests, now=NOW) == 2
        assert list(Sms.objects.order_by("id").values()) == few
        assert queue_sms_batch(requests=[*requests, *self.requests(["c"])], now=NOW) == 1

    def test_takes_a_reason_once_that_comes_twice_in_a_batch(self) -> None:
        assert queue_sms_batch(requests=self.requests(["a", "a"]), now=NOW) == 1

    def test_does_nothing_for_nobody(self, nudges: list[str]) -> None:
        assert queue_sms_batch(requests=[], now=NOW) == 0
        assert nudges == []

    def test_nudges_nobody_for_what_was_there(self, nudges: list[str]) -> None:
        requests = self.requests(["a"])
        queue_sms_batch(requests=requests, now=NOW)
        nudges.clear()
        assert queue_sms_batch(requests=requests, now=NOW) == 0
        assert nudges == []


class TestSmsRequest:
    def test_names_its_text_before_it_is_queued(self) -> None:
        account_id = uuid.UUID(int=7)
        one = SmsRequest(account_id, "+8613800138000", NOTICE, "en", {}, "greeting:1")
        other = SmsRequest(account_id, "+8613800138001", SECRET, "zh-hans", {}, "greeting:1")
        assert one.sms_id == other.sms_id
