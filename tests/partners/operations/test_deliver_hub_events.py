import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import PartnerGrant
from kernel.ids import uuid7
from partners.gateways.post_event import NotTaken
from partners.models import Hub, HubEvent, HubEventState
from partners.operations import deliver_hub_events
from partners.operations.deliver_hub_events import (
    StillOnItsWay,
    deliver_next_event,
    recover_lost_events,
    replay_hub_event,
)
from partners.operations.hubs import remove_hub
from partners.operations.partner_clients import revoke_partner_client
from partners.operations.queue_hub_events import NewEvent, queue_hub_events
from partners.queries.hubs import get_hub_secret, list_hubs_with_due_events
from tests.factories.billing import NOW, make_line
from tests.factories.partners import make_hub, make_partner
from tests.networks.hub_receiver import HubReceiver, is_signed

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


class Post:
    """Stands for the way to the partner: keeps what was sent, and fails as it is told."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.failure: NotTaken | None = None

    def __call__(self, *, body: bytes, **_more: Any) -> None:
        self.sent.append(body.decode())
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setattr(deliver_hub_events, "post_event", post)
    return post


@pytest.fixture
def hub() -> Hub:
    return make_hub(make_partner())


def queue(hub: Hub, body: str, *, entity: str = "bucket/1", seconds: int = 0, account_id: Any = None) -> uuid.UUID:
    event = NewEvent(
        event_id=uuid7(),
        event_type="BucketAttributeValueChangeEvent",
        entity=entity,
        account_id=account_id,
        occurred_at=NOW + seconds * SECOND,
        rank=0,
        body=body,
    )
    queue_hub_events(hub=hub, events=[event], now=NOW)
    return event.event_id


def drain(hub: Hub, *, seconds: int = 0) -> int:
    sent = 0
    while deliver_next_event(hub_id=hub.id, now=NOW + seconds * SECOND):
        sent += 1
        assert sent < 100
    return sent


def state_of(event_id: uuid.UUID) -> HubEventState:
    return HubEventState(HubEvent.objects.get(id=event_id).state)


class TestDeliverNextEvent:
    def test_sends_in_order_and_once(self, hub: Hub, post: Post) -> None:
        queue(hub, "third", seconds=3)
        queue(hub, "first", seconds=1)
        queue(hub, "second", seconds=2, entity="bucket/2")
        assert list_hubs_with_due_events(now=NOW) == [hub.id]
        assert (drain(hub), drain(hub)) == (3, 0)
        assert post.sent == ["first", "second", "third"]
        assert set(HubEvent.objects.values_list("state", "attempts", "delivered_at", "last_error")) == {
            (HubEventState.DELIVERED, 1, NOW, "")
        }
        assert list_hubs_with_due_events(now=NOW) == []

    def test_holds_what_comes_after_back_while_one_of_the_entity_is_on_its_way(self, hub: Hub, post: Post) -> None:
        refused = queue(hub, "refused", seconds=1)
        queue(hub, "after", seconds=2)
        queue(hub, "other", seconds=3, entity="bucket/2")
        post.failure = NotTaken("HTTP 400", is_about_event=True)
        assert deliver_next_event(hub_id=hub.id, now=NOW) is True
        post.failure = None
        assert drain(hub) == 1
        assert post.sent == ["refused", "other"]
        assert HubEvent.objects.get(id=refused).last_error == "HTTP 400"
        assert drain(hub, seconds=5) == 2
        assert post.sent == ["refused", "other", "refused", "after"]

    def test_holds_back_what_follows_one_that_another_worker_sends(self, hub: Hub, post: Post) -> None:
        first = queue(hub, "first", seconds=1)
        queue(hub, "second", seconds=2)
        HubEvent.objects.filter(id=first).update(
            state=HubEventState.SENDING, attempts=1, lease_until=NOW + timedelta(seconds=40)
        )
        assert drain(hub) == 0
        assert post.sent == []

    def test_leaves_an_address_alone_that_fails(self, hub: Hub, post: Post) -> None:
        queue(hub, "a", entity="bucket/1")
        queue(hub, "b", entity="bucket/2", seconds=1)
        post.failure = NotTaken("HTTP 500")
        assert drain(hub) == 0
        assert (post.sent, list_hubs_with_due_events(now=NOW + 4 * SECOND)) == (["a"], [])
        assert drain(hub, seconds=4) == 0
        # After five seconds one alone tries, then thirty are waited for.
        assert drain(hub, seconds=5) == 0
        assert drain(hub, seconds=34) == 0
        assert len(post.sent) == 2
        post.failure = None
        assert drain(hub, seconds=36) == 2
        assert sorted(post.sent[2:]) == ["a", "b"]
        assert Hub.objects.values_list("failures", "rests_until").get() == (0, None)

    def test_gives_up_after_three_days(self, hub: Hub, post: Post) -> None:
        first = queue(hub, "first")
        queue(hub, "second", seconds=1)
        post.failure = NotTaken("HTTP 500")
        parked_after = None
        for hour in range(80):
            drain(hub, seconds=hour * 3600)
            recover_lost_events(now=NOW + timedelta(hours=hour))
            if state_of(first) is HubEventState.PARKED:
                parked_after = hour
                break
        assert parked_after == 72
        # The hour at which it is given up finds it at rest, or tries it a last time.
        assert len(post.sent) in range(36, 73)
        assert set(post.sent) == {"first"}
        assert HubEvent.objects.get(id=first).last_error == "HTTP 500"

    def test_sends_nothing_of_an_account_that_is_out_of_sight(self, post: Post) -> None:
        line = make_line()
        hub = make_hub(make_partner(line))
        seen, unseen = [queue(hub, text, account_id=line.account_id) for text in ("seen", "unseen")]
        assert deliver_next_event(hub_id=hub.id, now=NOW) is True
        PartnerGrant.objects.all().delete()
        drain(hub)
        assert post.sent == ["seen"]
        assert (state_of(seen), state_of(unseen)) == (HubEventState.DELIVERED, HubEventState.WITHDRAWN)
        assert HubEvent.objects.get(id=unseen).body == ""

    def test_sends_nothing_to_hubs_that_are_gone(self, post: Post) -> None:
        removed, revoked = make_hub(make_partner()), make_hub(make_partner())
        for hub in (removed, revoked):
            queue(hub, "late")
        remove_hub(hub_id=removed.id, now=NOW)
        revoke_partner_client(client_id=revoked.client.client_id, revoked_by="test", now=NOW)
        assert list_hubs_with_due_events(now=NOW) == []
        assert (drain(removed), drain(revoked), post.sent) == (0, 0, [])
        assert not HubEvent.objects.filter(hub=removed).exists()

    def test_signs_what_a_stranger_can_check(self) -> None:
        receiver = HubReceiver()
        try:
            hub = make_hub(make_partner(), callback=receiver.url)
            event_id = queue(hub, '{"eventType": "充值"}')
            assert deliver_next_event(hub_id=hub.id, now=timezone.now()) is True
        finally:
            receiver.close()
        [(headers, body)] = receiver.requests
        secret = get_hub_secret(hub)
        assert (headers["webhook-id"], headers["content-type"]) == (str(event_id), "application/json")
        assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
        assert is_signed(headers, body, secret)
        assert not is_signed(headers, body + b" ", secret)
        assert not is_signed({**headers, "webhook-id": "other"}, body, secret)
        assert not is_signed(headers, body, get_hub_secret(make_hub(make_partner())))


class TestRecoverLostEvents:
    def test_sends_once_more_what_a_killed_worker_had_sent(
        self, hub: Hub, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        event_id = queue(hub, "first")
        queue(hub, "second", seconds=1)
        with monkeypatch.context() as killed:
            killed.setattr(deliver_hub_events, "_note", lambda *_outcome: None)
            deliver_next_event(hub_id=hub.id, now=NOW)
        assert (post.sent, state_of(event_id)) == (["first"], HubEventState.SENDING)
        assert (recover_lost_events(now=NOW + 39 * SECOND), drain(hub, seconds=39)) == (0, 0)
        assert recover_lost_events(now=NOW + 40 * SECOND) == 1
        assert drain(hub, seconds=40) == 2
        assert post.sent == ["first", "first", "second"]
        assert HubEvent.objects.get(id=event_id).attempts == 2

    def test_heeds_nothing_that_a_worker_says_who_was_taken_for_lost(
        self, hub: Hub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        event_id = queue(hub, "first")
        tries: list[bytes] = []

        def slow_then_failing(*, body: bytes, **_more: Any) -> None:
            tries.append(body)
            if len(tries) == 2:
                raise NotTaken("HTTP 500")
            recover_lost_events(now=NOW + 60 * SECOND)
            assert deliver_next_event(hub_id=hub.id, now=NOW + 60 * SECOND) is False

        monkeypatch.setattr(deliver_hub_events, "post_event", slow_then_failing)
        deliver_next_event(hub_id=hub.id, now=NOW)
        event = HubEvent.objects.get(id=event_id)
        assert (event.state, event.attempts, event.last_error) == (HubEventState.QUEUED, 2, "HTTP 500")


class TestReplayHubEvent:
    def test_sends_again_what_was_set_aside_or_arrived(self, hub: Hub, post: Post) -> None:
        event_id = queue(hub, "first")
        with pytest.raises(StillOnItsWay):
            replay_hub_event(event_id=event_id, now=NOW)
        drain(hub)
        replay_hub_event(event_id=event_id, now=NOW)
        HubEvent.objects.filter(id=event_id).update(state=HubEventState.PARKED)
        Hub.objects.update(rests_until=NOW + timedelta(hours=1))
        replay_hub_event(event_id=event_id, now=NOW + timedelta(days=4))
        assert deliver_next_event(hub_id=hub.id, now=NOW + timedelta(days=4)) is True
        assert post.sent == ["first", "first"]
        assert state_of(event_id) is HubEventState.DELIVERED


@pytest.fixture
def receiver() -> Iterator[HubReceiver]:
    there = HubReceiver()
    yield there
    there.close()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_event_once_and_in_order(receiver: HubReceiver) -> None:
    hub = make_hub(make_partner(), callback=receiver.url)
    for number in range(12):
        queue(hub, f'{{"number": {number}}}', entity=f"bucket/{number % 2}", seconds=number)
    start = threading.Barrier(3)

    def work() -> None:
        start.wait()
        idle = 0
        while idle < 200:
            idle = 0 if deliver_next_event(hub_id=hub.id, now=NOW) else idle + 1
        connection.close()

    workers = [threading.Thread(target=work) for _number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    numbers = [event["number"] for event in receiver.events]
    assert [number for number in numbers if number % 2 == 0] == [0, 2, 4, 6, 8, 10]
    assert [number for number in numbers if number % 2] == [1, 3, 5, 7, 9, 11]
