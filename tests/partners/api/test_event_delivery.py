"""What is on its way to a partner's hubs, looked at over REST and sent once more."""

import json
import uuid
from typing import Any

import pytest

from partners.models import Hub, HubEvent, HubEventState
from partners.operations.hubs import remove_hub
from partners.operations.queue_hub_events import NewEvent, queue_hub_events
from tests.factories.billing import NOW
from tests.factories.partners import Partner, make_hub, make_partner
from tests.rest.documents import undocumented
from tests.rest.test_every_resource import refusal

pytestmark = pytest.mark.django_db

PATH = "/tmf-api/event/v4/eventDelivery"


@pytest.fixture
def partner() -> Partner:
    return make_partner()


@pytest.fixture
def hub(partner: Partner) -> Hub:
    return make_hub(partner)


def queue(hub: Hub, state: HubEventState, **columns: Any) -> HubEvent:
    event = NewEvent(
        event_id=uuid.uuid4(),
        event_type="BucketAttributeValueChangeEvent",
        entity="bucket/1",
        account_id=None,
        occurred_at=NOW,
        rank=0,
        body=json.dumps({"eventId": "1", "event": {"bucket": {"id": "1"}}}),
    )
    queue_hub_events(hub=hub, events=[event], now=NOW)
    HubEvent.objects.filter(id=event.event_id).update(state=state, **columns)
    return HubEvent.objects.get(id=event.event_id)


class TestList:
    def test_shows_how_each_event_fares(self, partner: Partner, hub: Hub) -> None:
        parked = queue(hub, HubEventState.PARKED, attempts=61, last_error="HTTP 503")
        queue(hub, HubEventState.DELIVERED, attempts=1, delivered_at=NOW)
        [shown] = partner.get(PATH, state="parked").json()
        assert shown == {
            "id": str(parked.id),
            "href": shown["href"],
            "state": "parked",
            "eventType": "BucketAttributeValueChangeEvent",
            "eventTime": "2026-11-22T06:30:00Z",
            "hub": {"id": str(hub.id), "name": hub.callback, "@referredType": "EventSubscription"},
            "attempts": 61,
            "lastError": "HTTP 503",
            "event": {"eventId": "1", "event": {"bucket": {"id": "1"}}},
            "@type": "EventDelivery",
        }
        listed = partner.get(PATH)
        assert [len(listed.json()), undocumented("GET", PATH, listed)] == [2, []]
        assert len(partner.get(PATH, **{"hub.id": str(hub.id), "state": "parked,delivered"}).json()) == 2
        assert refusal(partner.get(PATH, colour="red")) == (400, "PARAMETER_INVALID")

    def test_is_limited_to_the_partners_own(self, partner: Partner, hub: Hub) -> None:
        event = queue(hub, HubEventState.PARKED)
        stranger = make_partner()
        assert stranger.get(PATH).json() == []
        refused = [stranger.get(f"{PATH}/{event.id}"), stranger.patch(f"{PATH}/{event.id}", {"state": "queued"})]
        assert [refusal(response)[0] for response in refused] == [404, 404]
        remove_hub(hub_id=hub.id, now=NOW)
        assert partner.get(PATH).json() == []


class TestReplay:
    @pytest.mark.parametrize("state", [HubEventState.PARKED, HubEventState.DELIVERED])
    def test_sends_it_again(self, partner: Partner, hub: Hub, state: HubEventState) -> None:
        path = f"{PATH}/{queue(hub, state).id}"
        changed = partner.patch(path, {"state": "queued"})
        assert (changed.status_code, changed.json()["state"]) == (200, "queued")
        assert undocumented("PATCH", f"{PATH}/{{id}}", changed) == []
        assert refusal(partner.patch(path, {"state": "queued"})) == (409, "EVENT_ON_ITS_WAY")

    def test_refuses_anything_else(self, partner: Partner, hub: Hub) -> None:
        path = f"{PATH}/{queue(hub, HubEventState.PARKED).id}"
        for changes in ({"state": "delivered"}, {"attempts": 0}, {"colour": "red"}, {"state": None}):
            assert refusal(partner.patch(path, changes)) == (400, "ATTRIBUTE_INVALID")
        assert HubEvent.objects.get().state == HubEventState.PARKED
