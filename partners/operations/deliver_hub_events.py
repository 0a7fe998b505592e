"""Takes events to hubs: at least once, those of one entity in order, tried for three days.

An event is claimed with a lease, the claim is committed, the event is sent, and what came of it is noted by the number
of the try. Whoever dies in between leaves a lease that runs out: the event is then sent once more, under the same id.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from standardwebhooks.webhooks import Webhook

from accounts.queries.visible_accounts import is_account_visible
from kernel.errors import DomainError
from partners.gateways.post_event import NotTaken, post_event
from partners.models import Hub, HubEvent, HubEventState
from partners.queries.hubs import get_hub_event, get_hub_secret

# Seconds until the next try, by how many there were; the last one again and again.
_PAUSES = (5, 30, 120, 600, 1_800, 3_600, 7_200)
# An address that does not answer is left alone for as long, but never longer than this: one event then tries it.
_LONGEST_REST = timedelta(minutes=10)
# Besides its time-out: to find the address, and to note what came of it.
_LEASE_SLACK = timedelta(seconds=30)

# The earliest that is due and has no earlier one of the same entity still on its way.
_CLAIM = """
    UPDATE partners_hub_event AS taken
       SET state = 'SENDING', attempts = taken.attempts + 1, lease_until = %(lease_until)s
     WHERE taken.state = 'QUEUED' AND taken.id = (
           SELECT event.id
             FROM partners_hub_event AS event
            WHERE event.hub_id = %(hub_id)s AND event.state = 'QUEUED' AND event.due_at <= %(now)s
              AND NOT EXISTS (
                  SELECT FROM partners_hub_event AS earlier
                   WHERE earlier.hub_id = event.hub_id AND earlier.entity = event.entity
                     AND earlier.state IN ('QUEUED', 'SENDING')
                     AND (earlier.occurred_at, earlier.rank, earlier.id) < (event.occurred_at, event.rank, event.id))
            ORDER BY event.occurred_at, event.rank, event.id
            LIMIT 1
              FOR UPDATE SKIP LOCKED)
    RETURNING taken.id
"""


class StillOnItsWay(DomainError):
    """Only what was set aside or arrived is sent again."""

    code = "EVENT_ON_ITS_WAY"
    message = _("Only an event that was set aside or delivered can be sent again.")
    http_status = 409


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: HubEventState
    error: str = ""
    pause: timedelta = timedelta()


def deliver_next_event(*, hub_id: uuid.UUID, now: datetime) -> bool:
    """Claim the next event of a hub and send it. Must not be called inside a transaction.

    :return: whether there was one, and the hub may be given another.
    """
    hub = Hub.objects.select_related("client").get(id=hub_id)
    if hub.removed_at is not None or hub.client.revoked_at is not None or hub.is_resting(now):
        return False
    event = _claim(hub_id, now)
    if event is None:
        return False
    outcome = _send(hub, event, now)
    _note(event, outcome, now)
    return outcome.state is not HubEventState.QUEUED or not hub.is_resting(now)


def recover_lost_events(*, now: datetime) -> int:
    """Put back what a worker claimed that did not come back, and set aside what was tried long enough.

    :return: how many rows it concerned.
    """
    lost = HubEvent.objects.filter(state=HubEventState.SENDING, lease_until__lte=now)
    recovered = lost.update(state=HubEventState.QUEUED, lease_until=None, due_at=now, last_error="a worker was lost")
    hopeless = HubEvent.objects.filter(state=HubEventState.QUEUED, give_up_at__lte=now)
    return recovered + hopeless.update(state=HubEventState.PARKED)


def replay_hub_event(*, event_id: uuid.UUID, now: datetime) -> HubEvent:
    """Send an event once more, under the same id: one that was set aside, or that arrived and got lost there.

    :raises NotFound: there is none.
    :raises StillOnItsWay: it is on its way.
    """
    with transaction.atomic():
        done = HubEvent.objects.filter(id=event_id, state__in=(HubEventState.PARKED, HubEventState.DELIVERED))
        replayed = done.update(
            state=HubEventState.QUEUED,
            due_at=now,
            give_up_at=now + timedelta(hours=settings.HUB_TRY_HOURS),
            delivered_at=None,
        )
        event = get_hub_event(event_id)
        if not replayed:
            raise StillOnItsWay
        Hub.objects.filter(id=event.hub_id).update(rests_until=None)
    return event


def replay_parked_events(*, hub_id: uuid.UUID, now: datetime) -> int:
    """Send everything that was set aside for a hub once more, as when its address is well again.

    :return: how many events.
    """
    with transaction.atomic():
        Hub.objects.filter(id=hub_id).update(rests_until=None)
        return HubEvent.objects.filter(hub_id=hub_id, state=HubEventState.PARKED).update(
            state=HubEventState.QUEUED, due_at=now, give_up_at=now + timedelta(hours=settings.HUB_TRY_HOURS)
        )


def _claim(hub_id: uuid.UUID, now: datetime) -> HubEvent | None:
    lease_until = now + timedelta(seconds=settings.HUB_TIMEOUT) + _LEASE_SLACK
    # Committed before anything is sent: durable says so if a caller forgets.
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"hub_id": hub_id, "now": now, "lease_until": lease_until})
        row = cursor.fetchone()
    return None if row is None else HubEvent.objects.get(id=row[0])


def _send(hub: Hub, event: HubEvent, now: datetime) -> _Outcome:
    sight = hub.client.sight
    if event.account_id is not None and not is_account_visible(sight=sight, account_id=event.account_id):
        return _Outcome(HubEventState.WITHDRAWN)
    try:
        post_event(
            url=hub.callback,
            body=event.body.encode(),
            headers=_headers(hub, event, now),
            timeout_seconds=settings.HUB_TIMEOUT,
        )
    except NotTaken as refusal:
        if not refusal.is_about_event:
            _leave_alone(hub, now)
        if now >= event.give_up_at:
            return _Outcome(HubEventState.PARKED, str(refusal))
        return _Outcome(HubEventState.QUEUED, str(refusal), _pause(event.attempts))
    if hub.failures:
        Hub.objects.filter(id=hub.id).update(failures=0, rests_until=None)
    return _Outcome(HubEventState.DELIVERED)


def _headers(hub: Hub, event: HubEvent, now: datetime) -> dict[str, str]:
    """Sign an event by the Standard Webhooks convention."""
    event_id = str(event.id)
    sent_at = now.astimezone(UTC)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": Webhook(get_hub_secret(hub)).sign(event_id, sent_at, event.body),
        "content-type": "application/json",
        "user-agent": "hall-hub/1",
    }


def _leave_alone(hub: Hub, now: datetime) -> None:
    hub.failures += 1
    hub.rests_until = now + min(_pause(hub.failures), _LONGEST_REST)
    Hub.objects.filter(id=hub.id).update(failures=hub.failures, rests_until=hub.rests_until)


def _pause(tries: int) -> timedelta:
    return timedelta(seconds=_PAUSES[min(tries, len(_PAUSES)) - 1])


def _note(event: HubEvent, outcome: _Outcome, now: datetime) -> None:
    """Note what came of a try, unless the event was taken for lost meanwhile and is somebody else's."""
    body = {"body": ""} if outcome.state is HubEventState.WITHDRAWN else {}
    HubEvent.objects.filter(id=event.id, state=HubEventState.SENDING, attempts=event.attempts).update(
        state=outcome.state,
        lease_until=None,
        due_at=now + outcome.pause,
        delivered_at=now if outcome.state is HubEventState.DELIVERED else None,
        last_error=outcome.error[:200],
        **body,
    )
