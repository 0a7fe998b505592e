"""Finds what happened since hubs were last told, and puts it into their queues as they are to be sent.

Events come from the rows that operations write anyway (`kernel.rest.event_kinds`). Rows are looked through by the
instant at which they say that it happened. One that was committed later than that is found by looking back: a little
each time, and as far as its kind says every few minutes.
"""

import json
import math
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import translation

from kernel.ids import PublicId
from kernel.rest.event_kinds import EventKind
from kernel.rest.renderers import TmfJSONEncoder
from kernel.rest.resource import Caller
from kernel.rest.views import ItemView
from partners.api.hub import list_kinds_of, read_query_of
from partners.models import Hub
from partners.operations.hub_query import HubQuery
from partners.operations.queue_hub_events import (
    NewEvent,
    hub_event_id,
    note_gathered,
    note_looked_back,
    queue_hub_events,
)
from partners.queries.hubs import list_unknown_events

# Rows that are looked at, and entities that are written out, at a time.
PAGE = 1_000
WRITTEN_AT_ONCE = 200
# Most transactions are shorter; what is committed later is found by looking back.
_OVERLAP = timedelta(seconds=20)
_LOOK_BACK_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Happening:
    """A row that stands for something that happened."""

    at: datetime
    key: tuple[Any, ...]
    event_id: uuid.UUID


def gather_events(*, hub: Hub, now: datetime, ends_at: float = math.inf) -> int:
    """Queue what happened since the hub was last told, up to `now`.

    :param ends_at: by `time.monotonic()`; what is not gathered then is left for the next time.
    :return: how many events were queued.
    """
    looks_back = now - hub.looked_back_at >= _LOOK_BACK_EVERY
    query, gathered, until = read_query_of(hub.api, hub.query), 0, now
    for rank, kind in enumerate(list_kinds_of(hub.api)):
        if query.wants_type(kind.type) and f"{kind.resource.api.scope}:read" in hub.client.scopes:
            since = now - kind.late if looks_back else hub.gathered_until - _OVERLAP
            for page in _pages(hub, kind, max(since, hub.made_at), now):
                gathered += _queue(hub, kind, rank, query, page, now)
                if time.monotonic() > ends_at:
                    until = min(until, page[-1].at)
                    break
    note_gathered(hub=hub, until=until)
    if looks_back and until == now:
        note_looked_back(hub=hub, now=now)
    return gathered


def _queue(hub: Hub, kind: EventKind, rank: int, query: HubQuery, page: Sequence[_Happening], now: datetime) -> int:
    unknown = list_unknown_events([one.event_id for one in page])
    new, queued = [one for one in page if one.event_id in unknown], 0
    for start in range(0, len(new), WRITTEN_AT_ONCE):
        events = _compose(hub, kind, rank, query, new[start : start + WRITTEN_AT_ONCE], now)
        queue_hub_events(hub=hub, events=events, now=now)
        queued += len(events)
    return queued


def _pages(hub: Hub, kind: EventKind, since: datetime, now: datetime) -> Iterator[list[_Happening]]:
    columns = (kind.at, *kind.key)
    rows = kind.rows(hub.client.sight).filter(**{f"{kind.at}__gte": since, f"{kind.at}__lte": now})
    after = Q()
    while True:
        found = list(rows.filter(after).order_by(*columns).values_list(*columns)[:PAGE])
        if found:
            yield [
                _Happening(at, tuple(key), hub_event_id(hub_id=hub.id, event_type=kind.type, occurred_at=at, key=key))
                for at, *key in found
            ]
        if len(found) < PAGE:
            return
        after = _beyond(columns, found[-1])


def _beyond(columns: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the condition that a row comes after these values in the order of the columns."""
    beyond = Q()
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        same = dict(zip(columns[:place], values[:place], strict=True))
        beyond |= Q(**same, **{f"{column}__gt": value})
    # Said once more for the index.
    return Q(**{f"{columns[0]}__gte": values[0]}) & beyond


def _compose(
    hub: Hub, kind: EventKind, rank: int, query: HubQuery, happenings: Sequence[_Happening], now: datetime
) -> list[NewEvent]:
    concerned = {one: kind.entity(*one.key) for one in happenings}
    with translation.override(settings.LANGUAGE_CODE):
        entities = _entities(hub, kind, set(concerned.values()), now)
        return [
            _event(kind, rank, one, entities[public_id])
            for one, public_id in concerned.items()
            if public_id in entities and query.wants(kind.type, entities[public_id])
        ]


def _entities(hub: Hub, kind: EventKind, public_ids: set[str], now: datetime) -> dict[str, dict[str, Any]]:
    """Return the entities as the partner may see them, by public id; those that it may not see are not among them."""
    resource = kind.resource
    condition = resource.find(sorted(public_ids)) if public_ids else None
    if condition is None:
        return {}
    client = hub.client
    caller = Caller(client_id=client.client_id, sight=client.sight, language=settings.LANGUAGE_CODE, now=now)
    rows = [row for branch in resource.rows(caller) for row in branch.filter(condition)]
    view = ItemView(resource=resource)
    written = (view.represent(row) for row in resource.complete(rows, caller))
    return {entity["id"]: json.loads(json.dumps(entity, cls=TmfJSONEncoder)) for entity in written}


def _event(kind: EventKind, rank: int, happening: _Happening, entity: dict[str, Any]) -> NewEvent:
    name, public_id = kind.resource.name, entity["id"]
    description = kind.description(*happening.key)
    body = {
        "eventId": happening.event_id,
        "eventTime": happening.at,
        "eventType": kind.type,
        **({"description": description} if description else {}),
        "event": {name: entity},
    }
    account_id = None
    with suppress(ValueError):
        account_id = PublicId.parse(public_id).account_id
    return NewEvent(
        event_id=happening.event_id,
        event_type=kind.type,
        entity=f"{name}/{public_id}",
        account_id=account_id,
        occurred_at=happening.at,
        rank=rank,
        body=json.dumps(body, cls=TmfJSONEncoder, ensure_ascii=False, separators=(",", ":")),
    )
