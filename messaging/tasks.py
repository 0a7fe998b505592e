"""Door for workers: nudged after a commit, swept by the schedule. What is due stands in the database."""

import time

from celery import shared_task
from django.conf import settings

from kernel.clock import now
from kernel.enqueue import COALESCE_SECONDS, nudge_after_commit
from messaging.operations.deliver_sms import deliver_due_sms, recover_lost_sms, retire_hopeless_sms
from messaging.task_names import DELIVER_SMS, SWEEP_SMS

# A drain hands over to a fresh task after this long, so that no task outlives the broker's visibility time-out.
DRAIN_SECONDS = 5.0
# Cuts a gateway that does not keep its time-out; the texts it held are unknown then, and the breaker opens.
SOFT_LIMIT_SECONDS = DRAIN_SECONDS + 2 * settings.SMS_SEND_TIMEOUT + 2


@shared_task(name=DELIVER_SMS, soft_time_limit=SOFT_LIMIT_SECONDS, time_limit=SOFT_LIMIT_SECONDS + 5)
def deliver_sms(**_future: object) -> None:
    """Send everything that is due."""
    _drain()


@shared_task(name=SWEEP_SMS, soft_time_limit=SOFT_LIMIT_SECONDS, time_limit=SOFT_LIMIT_SECONDS + 5)
def sweep_sms(**_future: object) -> None:
    """Tidy away what is too late, take what a lost worker held, and send everything that is due."""
    retire_hopeless_sms(now=now())
    ends_at = time.monotonic() + DRAIN_SECONDS / 2
    while time.monotonic() < ends_at and recover_lost_sms(now=now()).claimed:
        pass
    _drain()


def _drain() -> None:
    """Send until nothing is due, then look once more after the interval in which nudges are coalesced."""
    ends_at = time.monotonic() + DRAIN_SECONDS
    lingered = False
    while time.monotonic() < ends_at:
        if deliver_due_sms(now=now(), limit=settings.SMS_BATCH).claimed:
            lingered = False
        elif lingered:
            return
        else:
            time.sleep(COALESCE_SECONDS)
            lingered = True
    nudge_after_commit(DELIVER_SMS)
