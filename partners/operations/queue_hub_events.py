"""Puts events into the queue of a hub, and keeps how far its events were gathered."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest

from partners.models import Hub, HubEvent

_EVENT_IDS = uuid.UUID("9d0f3a52-5a1f-4c57-8d5e-0b6f2f1f6c38")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """One event for one hub, ready to be sent.

    :ivar entity: resource and public id of what it happened to, such as "bucket/AZqv…".
    :ivar account_id: whose it is; None: nobody's.
    :ivar rank: which of several at one instant is told first.
    """

    event_id: uuid.UUID
    event_type: str
    entity: str
    account_id: uuid.UUID | None
    occurred_at: datetime
    rank: int
    body: str


def hub_event_id(*, hub_id: uuid.UUID, event_type: str, occurred_at: datetime, key: Sequence[object]) -> uuid.UUID:
    """Return the id of an event at a hub: the same for the same happening, however often it is found.

    :param key: what tells it apart from others of its kind and instant.
    """
    named = "|".join([str(hub_id), event_type, occurred_at.isoformat(), *map(str, key)])
    return uuid.uuid5(_EVENT_IDS, named)


def queue_hub_events(*, hub: Hub, events: Sequence[NewEvent], now: datetime) -> None:
    """Queue events; those that are known are left as they are."""
    give_up_at = now + timedelta(hours=settings.HUB_TRY_HOURS)
    rows = [
        HubEvent(
            id=event.event_id,
            hub=hub,
            event_type=event.event_type,
            entity=event.entity,
            account_id=event.account_id,
            occurred_at=event.occurred_at,
            rank=event.rank,
            body=event.body,
            queued_at=now,
            due_at=now,
            give_up_at=give_up_at,
        )
        for event in sorted(events, key=lambda event: event.event_id)
    ]
    HubEvent.objects.bulk_create(rows, ignore_conflicts=True)


def note_gathered(*, hub: Hub, until: datetime) -> None:
    """Keep up to when a hub's events were gathered."""
    Hub.objects.filter(id=hub.id).update(gathered_until=Greatest(F("gathered_until"), until))


def note_looked_back(*, hub: Hub, now: datetime) -> None:
    """Keep when a hub's events of the last hours were looked for once more."""
    Hub.objects.filter(id=hub.id).update(looked_back_at=now)
