"""What is on its way to a partner's hubs, arrived there, or was set aside: looked at, and sent once more."""

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from kernel.rest.resource import Api, Attribute, Caller, Change, Column, Resource, by_uuid
from kernel.rest.shapes import Instant, Structure, Text, Whole
from kernel.rest.structures import reference, reference_shape
from partners.models import HubEvent, HubEventState
from partners.operations.deliver_hub_events import replay_hub_event
from partners.queries.hubs import list_hub_events_of

API = Api(title="Event delivery", base_path="/tmf-api/event/v4", scope="event", name="event-delivery")

_WORDS = {state: state.value.lower() for state in HubEventState}
_QUEUED = _WORDS[HubEventState.QUEUED]
_EVENT = Structure(
    "DeliveredEvent",
    {"eventId": Text(), "eventTime": Instant(), "eventType": Text()},
    description="The event as it is sent.",
)
_EXAMPLE_ID = "7d1a52c5-9f0e-5d8e-8c0b-0f4cf3a1f4a2"
_EXAMPLE_HUB = "019aaf00-0000-7000-8000-000000000011"


def _change(event: HubEvent, changes: dict[str, Any], caller: Caller) -> HubEvent:
    # There is nothing else that a state may be changed to.
    assert changes == {"state": _QUEUED}
    return replay_hub_event(event_id=event.id, now=caller.now)


def _by_state(texts: Sequence[str]) -> Q:
    return Q(state__in=[state for state, word in _WORDS.items() if word in texts])


EVENT_DELIVERY: Resource[HubEvent] = Resource(
    api=API,
    name="eventDelivery",
    type_name="EventDelivery",
    summary="The events of the caller's hubs and how they fared; those that were set aside are sent again from here.",
    rows=lambda caller: [list_hub_events_of(client_id=caller.client_id)],
    complete=lambda events, _caller: events,
    public_id=lambda event: str(event.id),
    find=by_uuid("id"),
    order=("hub_id", "occurred_at", "rank", "id"),
    attributes=(
        Attribute(
            name="state",
            shape=Text(choices=tuple(_WORDS.values())),
            read=lambda event: _WORDS[HubEventState(event.state)],
            always=True,
            filters={"": _by_state},
            description="“parked” was tried for three days, “withdrawn” is of an account that is out of sight by now.",
        ),
        Attribute(
            name="eventType",
            shape=Text(),
            read=lambda event: event.event_type,
            always=True,
            filters={"": Column("event_type")},
            sort="event_type",
        ),
        Attribute(
            name="eventTime",
            shape=Instant(),
            read=lambda event: event.occurred_at,
            always=True,
            filters={"": Column("occurred_at", Instant())},
            sort="occurred_at",
        ),
        Attribute(
            name="hub",
            shape=reference_shape("Hub"),
            read=lambda event: reference(event.hub_id, "EventSubscription", name=event.hub.callback),
            always=True,
            filters={"id": by_uuid("hub_id")},
        ),
        Attribute(
            name="attempts",
            shape=Whole(),
            read=lambda event: event.attempts,
            always=True,
            filters={"": Column("attempts", Whole())},
        ),
        Attribute(
            name="deliveredDate",
            shape=Instant(),
            read=lambda event: event.delivered_at,
            filters={"": Column("delivered_at", Instant())},
        ),
        Attribute(name="lastError", shape=Text(), read=lambda event: event.last_error or None),
        Attribute(name="event", shape=_EVENT, read=lambda event: json.loads(event.body) if event.body else None),
    ),
    change=Change(
        body=Structure("EventDelivery_Update", {"state": Text(choices=(_QUEUED,))}),
        change=_change,
        summary="state “queued” sends an event that was parked or delivered once more, under the same id.",
        example={"state": _QUEUED},
    ),
    example={
        "id": _EXAMPLE_ID,
        "href": f"https://hall.example.com/tmf-api/event/v4/eventDelivery/{_EXAMPLE_ID}",
        "state": "parked",
        "eventType": "TopupBalanceCreateEvent",
        "eventTime": "2026-03-26T00:32:00Z",
        "hub": {"id": _EXAMPLE_HUB, "name": "https://partner.example.com/events", "@referredType": "EventSubscription"},
        "attempts": 61,
        "lastError": "HTTP 503",
        "event": {
            "eventId": _EXAMPLE_ID,
            "eventTime": "2026-03-26T00:32:00Z",
            "eventType": "TopupBalanceCreateEvent",
            "event": {"topupBalance": {"id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAg", "status": "completed"}},
        },
        "@type": "EventDelivery",
    },
)
