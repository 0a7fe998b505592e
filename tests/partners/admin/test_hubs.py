"""Hubs, their events and statements at the staff desk."""

import uuid

import pytest
from django.utils import translation

from partners.models import Hub, HubEvent, HubEventState, TopUpStatement
from partners.operations.queue_hub_events import NewEvent, queue_hub_events
from tests.factories.accounts import staff_client
from tests.factories.billing import NOW
from tests.factories.partners import make_hub, make_partner

pytestmark = pytest.mark.django_db
EVENTS, HUBS = "/staff/partners/hubevent/", "/staff/partners/hub/"


@pytest.fixture
def hub() -> Hub:
    return make_hub(make_partner(), callback="http://127.0.0.1:9/events-here")


def park(hub: Hub) -> HubEvent:
    event = NewEvent(
        event_id=uuid.uuid4(),
        event_type="BucketAttributeValueChangeEvent",
        entity="bucket/1",
        account_id=None,
        occurred_at=NOW,
        rank=0,
        body='{"event": "words of a customer"}',
    )
    queue_hub_events(hub=hub, events=[event], now=NOW)
    HubEvent.objects.filter(id=event.event_id).update(state=HubEventState.PARKED, last_error="HTTP 503")
    return HubEvent.objects.get(id=event.event_id)


def states() -> set[str]:
    return set(HubEvent.objects.values_list("state", flat=True))


class TestHubEventAdmin:
    def test_shows_how_it_fared_and_sends_it_again(self, hub: Hub) -> None:
        event = park(hub)
        operations = staff_client("operations")
        assert b"HTTP 503" in operations.get(EVENTS, {"q": str(hub.id)}).content
        page = operations.get(f"{EVENTS}{event.id}/change/")
        assert f"{EVENTS}{event.id}/replay/" in page.content.decode()
        assert "words of a customer" not in page.content.decode()
        assert operations.post(f"{EVENTS}{event.id}/replay/").status_code == 302
        assert states() == {HubEventState.QUEUED}
        # On its way, it is not sent twice.
        assert operations.post(f"{EVENTS}{event.id}/replay/").status_code == 302
        assert f"{EVENTS}{event.id}/replay/" not in operations.get(f"{EVENTS}{event.id}/change/").content.decode()
        assert operations.post(f"{EVENTS}{uuid.uuid4()}/replay/").status_code == 404

    def test_leaves_sending_to_those_who_may(self, hub: Hub) -> None:
        event = park(hub)
        clerk = staff_client("clerk")
        for path in (f"{EVENTS}{event.id}/", f"{HUBS}{hub.id}/"):
            assert "/replay/" not in clerk.get(f"{path}change/").content.decode()
            assert clerk.post(f"{path}replay/").status_code == 403
        assert states() == {HubEventState.PARKED}


class TestHubAdmin:
    def test_sends_all_that_was_set_aside_again(self, hub: Hub) -> None:
        park(hub)
        park(hub)
        other = park(make_hub(make_partner()))
        supervisor = staff_client("supervisor")
        assert b"events-here" in supervisor.get(HUBS, {"q": "events-here"}).content
        page = supervisor.get(f"{HUBS}{hub.id}/change/").content.decode()
        assert f"{HUBS}{hub.id}/replay/" in page
        assert hub.sealed_secret not in page
        supervisor.post(f"{HUBS}{hub.id}/replay/")
        assert set(HubEvent.objects.filter(hub=hub).values_list("state", flat=True)) == {HubEventState.QUEUED}
        other.refresh_from_db()
        assert other.state == HubEventState.PARKED
        assert supervisor.get(f"{HUBS}{hub.id}/replay/").status_code == 403


class TestTopUpStatementAdmin:
    def test_shows_what_differs(self, hub: Hub) -> None:
        statement = TopUpStatement.objects.create(
            client=hub.client,
            day_date=NOW.date(),
            count=2,
            total_fen=99_90,
            content="order-7,its-content",
            made_at=NOW,
            state="DIFFERENT",
            reported_count=3,
            reported_total_fen=99_91,
            reported_at=NOW,
            differences=[
                {"kind": "COUNT", "order": "", "here": 2, "there": 3},
                {"kind": "ORDER", "order": "order-9", "here": None, "there": 1},
            ],
        )
        finance = staff_client("finance")
        with translation.override("en"):
            page = finance.get(f"/staff/partners/topupstatement/{statement.id}/change/").content.decode()
        assert "order-9" in page
        assert "0.01" in page
        assert "99.91" in page
        assert "its-content" not in page
        assert finance.get("/staff/partners/topupstatement/").status_code == 200
