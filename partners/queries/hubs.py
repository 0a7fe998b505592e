"""Reads hubs and what is on its way to them."""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, QuerySet

from kernel.errors import NotFound
from kernel.sealing import unseal
from partners.models import Hub, HubEvent, HubEventState


def is_any_hub() -> bool:
    """Tell whether anybody wants to be told of anything."""
    return _in_use().exists()


def list_hubs_in_use() -> list[Hub]:
    """Return every hub of partners that are not revoked, with its partner; the one looked after longest ago first."""
    return list(_in_use().select_related("client").order_by("gathered_until", "id"))


def list_hubs_of(*, client_id: str, api: str) -> QuerySet[Hub]:
    """Return a partner's hubs of one API; to be filtered, ordered and cut."""
    return Hub.objects.filter(client__client_id=client_id, api=api, removed_at__isnull=True)


def list_hub_events_of(*, client_id: str) -> QuerySet[HubEvent]:
    """Return what was or is on its way to a partner, hubs that were removed aside; to be filtered, ordered and cut."""
    events = HubEvent.objects.filter(hub__client__client_id=client_id, hub__removed_at__isnull=True)
    return events.select_related("hub")


def get_hub_secret(hub: Hub) -> str:
    """Return the secret with which a hub's events are signed, as Standard Webhooks write one."""
    return unseal(hub.sealed_secret, belongs_to=hub.seal_place)


def list_hubs_with_due_events(*, now: datetime) -> list[uuid.UUID]:
    """Return the hubs for which something waits that may be sent now."""
    due = HubEvent.objects.filter(hub__in=_in_use(), state=HubEventState.QUEUED, due_at__lte=now)
    return list(due.exclude(hub__rests_until__gt=now).values_list("hub_id", flat=True).distinct())


def count_hub_events_by_state(hub_id: uuid.UUID) -> dict[HubEventState, int]:
    """Return how many events of a hub are in each state, those that are kept."""
    counts = HubEvent.objects.filter(hub_id=hub_id).values_list("state").annotate(count=Count("id"))
    return {HubEventState(state): count for state, count in counts.order_by("state")}


def list_unknown_events(event_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of the events that are in no queue yet, nor were."""
    return set(event_ids) - set(HubEvent.objects.filter(id__in=event_ids).values_list("id", flat=True))


def get_hub_event(event_id: uuid.UUID) -> HubEvent:
    """Return one event on its way to a hub, with the hub.

    :raises NotFound: there is none.
    """
    event = HubEvent.objects.select_related("hub").filter(id=event_id).first()
    if event is None:
        raise NotFound
    return event


def _in_use() -> QuerySet[Hub]:
    return Hub.objects.filter(removed_at__isnull=True, client__revoked_at__isnull=True)
