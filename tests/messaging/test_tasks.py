from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Line
from messaging import tasks
from messaging.gateways.memory import MemoryGateway
from messaging.models import Sms, SmsState
from messaging.task_names import DELIVER_SMS
from messaging.tasks import deliver_sms, sweep_sms
from tests.factories.messaging import make_line, queue_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return make_line()


@pytest.fixture(autouse=True)
def second_looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tasks that are to look again."""
    sent: list[str] = []

    def note(task_name: str, *, is_second_look: bool) -> None:
        assert is_second_look
        sent.append(task_name)

    monkeypatch.setattr(tasks, "look_again", note)
    return sent


def states() -> list[str]:
    return sorted(Sms.objects.values_list("state", flat=True))


class TestDeliverSms:
    def test_sends_batch_after_batch(self, gateway: MemoryGateway, line: Line, settings: Settings) -> None:
        settings.SMS_BATCH = 2
        for _number in range(5):
            queue_text(line, now=timezone.now())
        deliver_sms()
        assert gateway.batch_sizes == [2, 2, 1]
        assert states() == [SmsState.SENT] * 5

    def test_looks_once_more_after_the_interval_in_which_nudges_are_swallowed(
        self, gateway: MemoryGateway, second_looks: list[str]
    ) -> None:
        deliver_sms()
        assert second_looks == [DELIVER_SMS]

    def test_ends_with_a_second_look_that_finds_nothing(self, gateway: MemoryGateway, second_looks: list[str]) -> None:
        deliver_sms(is_second_look=True)
        assert second_looks == []

    def test_goes_on_when_the_second_look_found_something(
        self, gateway: MemoryGateway, line: Line, second_looks: list[str]
    ) -> None:
        queue_text(line, now=timezone.now())
        deliver_sms(is_second_look=True)
        assert (second_looks, states()) == ([DELIVER_SMS], [SmsState.SENT])

    def test_leaves_the_rest_to_the_next_when_it_worked_for_long(
        self,
        gateway: MemoryGateway,
        line: Line,
        second_looks: list[str],
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        settings.SMS_BATCH = 1
        queue_text(line, now=timezone.now())
        queue_text(line, now=timezone.now())
        clock = iter([0.0, 1.0, tasks.DRAIN_SECONDS])
        monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: next(clock)))
        deliver_sms()
        assert (second_looks, states()) == ([DELIVER_SMS], [SmsState.QUEUED, SmsState.SENT])

    def test_looks_again_when_the_rate_leaves_room(
        self, gateway: MemoryGateway, line: Line, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.SMS_RATES = {"memory": 1.0}
        looks: list[tuple[float, bool]] = []

        def note(_task_name: str, *, after_seconds: float = 0.1, is_second_look: bool) -> None:
            looks.append((round(after_seconds, 1), is_second_look))

        monkeypatch.setattr(tasks, "look_again", note)
        for _number in range(3):
            queue_text(line, now=timezone.now())
        deliver_sms(is_second_look=True)
        assert states() == [SmsState.QUEUED] * 2 + [SmsState.SENT]
        assert len(looks) == 2  # when there is room, and soon after, since something was sent
        assert 0.5 < looks[0][0] <= 1.0

    def test_takes_what_a_newer_caller_sends(self, gateway: MemoryGateway) -> None:
        deliver_sms(priority="high")
        assert gateway.sent == []


class TestSweepSms:
    def test_sends_what_no_nudge_reached(self, gateway: MemoryGateway, line: Line) -> None:
        queue_text(line, now=timezone.now())
        sweep_sms()
        assert states() == [SmsState.SENT]

    def test_takes_what_lost_workers_held_one_by_one(self, gateway: MemoryGateway, line: Line) -> None:
        for _number in range(3):
            queue_text(line, now=timezone.now())
        Sms.objects.update(state=SmsState.SENDING, attempts=1, lease_until=timezone.now())
        sweep_sms()
        assert (gateway.batch_sizes, states()) == ([1, 1, 1], [SmsState.SENT] * 3)

    def test_expires_what_is_too_late(self, gateway: MemoryGateway, line: Line) -> None:
        queue_text(line, now=timezone.now() - timedelta(days=1))
        sweep_sms()
        assert (gateway.sent, states()) == ([], [SmsState.EXPIRED])


class TestLimits:
    def test_end_a_task_before_the_broker_hands_it_to_somebody_else(self, settings: Settings) -> None:
        assert deliver_sms.time_limit < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]

    def test_cut_a_hanging_gateway_within_half_a_minute_and_within_the_lease(self, settings: Settings) -> None:
        assert deliver_sms.soft_time_limit == sweep_sms.soft_time_limit == tasks.SOFT_LIMIT_SECONDS
        assert min(30.0, settings.SMS_LEASE_SECONDS) > tasks.SOFT_LIMIT_SECONDS
