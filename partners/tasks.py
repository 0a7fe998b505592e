"""What is due from time to time. What is due stands in the database; a nudge may be lost."""

import time
import uuid
from datetime import timedelta
from typing import Any

import structlog
from celery import shared_task
from django.conf import settings

from kernel.clock import now
from kernel.enqueue import enqueue_after_commit
from kernel.errors import DomainError
from partners.api.event_feed import gather_events
from partners.models import Hub
from partners.operations.deliver_hub_events import deliver_next_event, recover_lost_events
from partners.operations.hub_turns import GATHERING, SENDING, hub_turn
from partners.operations.record_call import forget_old_calls
from partners.operations.top_up_statements import make_due_statements
from partners.queries.hubs import is_any_hub, list_hubs_in_use, list_hubs_with_due_events
from partners.task_names import DELIVER_EVENTS, SWEEP_HUBS

log = structlog.get_logger(__name__)

# So that no task outlives the broker's visibility time-out.
_SWEEP_SECONDS = 20.0
_DELIVER_SECONDS = 10.0
_DELIVER_LIMIT = _DELIVER_SECONDS + settings.HUB_TIMEOUT + 10
# A worker that dies leaves a hub alone for so long.
_TURN = timedelta(seconds=_DELIVER_LIMIT + 5)


@shared_task(name="partners.forget_old_calls")
def forget_old_calls_task(**_future: Any) -> None:
    """Delete calls that were kept long enough."""
    forget_old_calls(now=now())


@shared_task(name="partners.make_statements")
def make_statements(**_future: Any) -> None:
    """Make the statements of the days that have ended."""
    make_due_statements(now=now())


@shared_task(name=SWEEP_HUBS)
def sweep_hubs(**_future: Any) -> None:
    """Find what happened for each hub, take back what was lost, and nudge a worker for each hub that is due."""
    if not is_any_hub():
        return
    ends_at = time.monotonic() + _SWEEP_SECONDS
    for hub in list_hubs_in_use():
        if time.monotonic() > ends_at:
            break
        with hub_turn(hub_id=hub.id, turn=GATHERING, lasts=_TURN, now=now()) as is_ours:
            if is_ours:
                _gather(hub, ends_at)
    recover_lost_events(now=now())
    for hub_id in list_hubs_with_due_events(now=now()):
        enqueue_after_commit(DELIVER_EVENTS, hub_id=str(hub_id))


def _gather(hub: Hub, ends_at: float) -> None:
    try:
        gather_events(hub=hub, now=now(), ends_at=ends_at)
    except DomainError as refusal:
        # Such as a query for an attribute that this version does not have any more.
        log.warning("hub_not_gathered", hub=str(hub.id), code=refusal.code)


@shared_task(name=DELIVER_EVENTS, soft_time_limit=_DELIVER_LIMIT, time_limit=_DELIVER_LIMIT + 5)
def deliver_events(*, hub_id: str, **_future: Any) -> None:
    """Send a hub what waits for it, for some seconds at most; the sweeper comes back for the rest."""
    ends_at, hub = time.monotonic() + _DELIVER_SECONDS, uuid.UUID(hub_id)
    with hub_turn(hub_id=hub, turn=SENDING, lasts=_TURN, now=now()) as is_ours:
        while is_ours and time.monotonic() < ends_at and deliver_next_event(hub_id=hub, now=now()):
            pass
