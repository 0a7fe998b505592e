from datetime import timedelta
from typing import Any

import pytest

from messaging.models import Sms, SmsState
from messaging.operations import queue_sms_of_rows as module
from messaging.operations.queue_sms_of_rows import queue_sms_of_rows
from messaging.sms_parts import count_parts
from messaging.task_names import DELIVER_SMS
from tests.factories.messaging import LATE, MORNING, NOTICE, NOW, REMINDER, make_line

pytestmark = pytest.mark.django_db

ROWS = """
    SELECT account_id, msisdn, language, 'Li 100%%'::text AS name FROM accounts_line WHERE msisdn LIKE %(numbers)s
"""


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(module, "nudge_after_commit", sent.append)
    return sent


def queue(**changes: Any) -> int:
    arguments: dict[str, Any] = {
        "template": NOTICE,
        "rows": ROWS,
        "values": {"numbers": "+86%"},
        "dedup_key": "greeting:1",
        "now": NOW,
    }
    return queue_sms_of_rows(**{**arguments, **changes})


class TestQueueSmsOfRows:
    def test_writes_a_text_for_each_row_in_its_language(self, nudges: list[str]) -> None:
        chinese, english = make_line(), make_line(language="en")
        assert queue() == 2
        assert Sms.objects.get(account_id=chinese.account_id).body == "【和风通信】您好，Li 100%。"
        sms = Sms.objects.get(account_id=english.account_id)
        assert (sms.body, sms.msisdn, sms.kind, sms.dedup_key) == (
            "[Hefeng Telecom] Hello, Li 100%.", english.msisdn, "NOTICE", "greeting:1",
        )  # fmt: skip
        assert (sms.state, sms.attempts, sms.urgent, sms.secret) == (SmsState.QUEUED, 0, True, False)
        assert (sms.queued_at, sms.due_at, sms.expires_at) == (NOW, NOW, NOW + timedelta(hours=1))
        assert nudges == [DELIVER_SMS]

    def test_queues_one_text_per_account_and_reason(self, nudges: list[str]) -> None:
        make_line()
        assert [queue(), queue(now=NOW + timedelta(days=1)), queue(dedup_key="greeting:2")] == [1, 0, 1]
        assert nudges == [DELIVER_SMS] * 2

    def test_lets_texts_that_can_wait_sleep_through_the_quiet_hours(self) -> None:
        make_line()
        rows = """SELECT account_id, msisdn, language, '8 GB' AS "left" FROM accounts_line"""
        queue(template=REMINDER, rows=rows, now=LATE)
        assert Sms.objects.get().due_at == MORNING

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    @pytest.mark.parametrize("length", [1, 40, 70, 142, 160, 290, 299, 310])
    def test_counts_the_parts_as_the_network_does(self, language: str, length: int) -> None:
        make_line(language=language)
        name = ("9" if language == "en" else "晓") * length
        queue(
            rows="SELECT account_id, msisdn, language, %(name)s::text AS name FROM accounts_line", values={"name": name}
        )
        sms = Sms.objects.get()
        assert sms.parts == count_parts(sms.body)

    def test_queues_nothing_for_no_rows(self, nudges: list[str]) -> None:
        assert (queue(), nudges) == (0, [])
