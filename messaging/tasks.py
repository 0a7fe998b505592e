"""Door for workers: nudged after a commit, swept by the schedule. What is due stands in the database."""

import time

from celery import shared_task
from django.conf import settings

from kernel.clock import now
from kernel.enqueue import look_again
from messaging.operations.deliver_sms import deliver_due_sms, recover_lost_sms, retire_hopeless_sms
from messaging.operations.delivery_reports import forget_old_network_ids
from messaging.operations.forget_stub_texts import forget_stub_texts as forget_stub_text_rows
from messaging.task_names import DELIVER_SMS, FORGET_STUB_TEXTS, SWEEP_SMS

# A drain leaves the rest to a second look after this long, so that no task outlives the broker's visibility time-out.
DRAIN_SECONDS = 5.0
# Cuts a gateway that does not keep its time-out; the texts it held are unknown then, and the breaker opens.
SOFT_LIMIT_SECONDS = DRAIN_SECONDS + 2 * settings.SMS_SEND_TIMEOUT + 2


@shared_task(name=DELIVER_SMS, soft_time_limit=SOFT_LIMIT_SECONDS, time_limit=SOFT_LIMIT_SECONDS + 5)
def deliver_sms(*, is_second_look: bool = False, **_future: object) -> None:
    """Send what is due, and look once more for what was committed while nudges were coalesced."""
    if _drain() or not is_second_look:
        look_again(DELIVER_SMS, is_second_look=True)


@shared_task(name=SWEEP_SMS, soft_time_limit=SOFT_LIMIT_SECONDS, time_limit=SOFT_LIMIT_SECONDS + 5)
def sweep_sms(**_future: object) -> None:
    """Tidy away what is too late, take what a lost worker held, and send what is due."""
    retire_hopeless_sms(now=now())
    forget_old_network_ids(now=now())
    ends_at = time.monotonic() + DRAIN_SECONDS / 2
    while time.monotonic() < ends_at and recover_lost_sms(now=now()).claimed:
        pass
    if _drain():
        look_again(DELIVER_SMS, is_second_look=True)


@shared_task(name=FORGET_STUB_TEXTS)
def forget_stub_texts(**_future: object) -> None:
    """Delete what the virtual handset shows no more, each night."""
    forget_stub_text_rows(now=now())


def _drain() -> bool:
    """Send what is due, for `DRAIN_SECONDS` at most, and tell whether there was anything.

    What a gateway's rate holds back is looked for again when there is room, by one worker.
    """
    ends_at = time.monotonic() + DRAIN_SECONDS
    found = False
    while time.monotonic() < ends_at:
        delivery = deliver_due_sms(now=now(), limit=settings.SMS_BATCH)
        if not delivery.claimed:
            if delivery.look_after is not None:
                look_again(DELIVER_SMS, after_seconds=delivery.look_after, is_second_look=True)
            break
        found = True
    return found
