"""Sweeping for hubs: nothing without them, and one worker for each at a time."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.clock import now
from partners import tasks
from partners.models import Hub, HubEvent
from partners.operations.hub_turns import GATHERING, SENDING, hub_turn
from tests.factories.billing import NOW, make_line, make_top_up
from tests.factories.partners import make_hub, make_partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    hubs: list[str] = []
    monkeypatch.setattr(tasks, "enqueue_after_commit", lambda _task, *, hub_id: hubs.append(hub_id))
    return hubs


class TestSweepHubs:
    def test_asks_one_question_where_there_is_no_hub(self, nudged: list[str]) -> None:
        with CaptureQueriesContext(connection) as captured:
            tasks.sweep_hubs()
        assert (len(captured), nudged) == (1, [])

    def test_gathers_and_nudges_a_worker_for_each_hub_that_is_due(self, nudged: list[str]) -> None:
        line = make_line()
        hub, idle = make_hub(make_partner(line)), make_hub(make_partner())
        outdated = make_hub(make_partner(line), query="colour=red")
        make_top_up(line)
        with time_machine.travel(NOW + timedelta(minutes=1)):
            tasks.sweep_hubs()
            assert nudged == [str(hub.id)]
            tasks.sweep_hubs()
        assert HubEvent.objects.count() == 1
        assert Hub.objects.filter(gathered_until__gt=NOW).count() == 2
        assert Hub.objects.get(id=outdated.id).gathered_until == NOW
        assert not Hub.objects.filter(gathering_until__isnull=False).exists()
        assert str(idle.id) not in nudged

    def test_leaves_a_hub_to_whoever_is_at_it(self, nudged: list[str]) -> None:
        hub = make_hub(make_partner(line := make_line()))
        make_top_up(line)
        with time_machine.travel(NOW + timedelta(minutes=1)):
            Hub.objects.update(gathering_until=NOW + timedelta(minutes=2))
            tasks.sweep_hubs()
            assert not HubEvent.objects.exists()
            # A worker that died leaves its turn to the next after a while.
            Hub.objects.update(gathering_until=NOW + timedelta(seconds=59))
            tasks.sweep_hubs()
        assert HubEvent.objects.filter(hub=hub).count() == 1


class TestDeliverEvents:
    def test_sends_one_after_another_while_nobody_else_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hub, sent = make_hub(make_partner()), []

        def deliver(**_more: Any) -> bool:
            sent.append(Hub.objects.get().sending_until is not None)
            return len(sent) < 3

        monkeypatch.setattr(tasks, "deliver_next_event", deliver)
        tasks.deliver_events(hub_id=str(hub.id))
        assert sent == [True] * 3
        with hub_turn(hub_id=hub.id, turn=SENDING, lasts=timedelta(hours=1), now=now()) as is_ours:
            assert is_ours is True
            tasks.deliver_events(hub_id=str(hub.id))
            with hub_turn(hub_id=hub.id, turn=GATHERING, lasts=timedelta(hours=1), now=now()) as is_ours:
                assert is_ours is True
        assert (len(sent), Hub.objects.get().sending_until) == (3, None)
