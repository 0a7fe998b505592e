"""Door for workers: answers what lines sent."""

import uuid
from datetime import timedelta

from celery import shared_task

from channels.operations.answer_inbound import answer_inbound as answer
from channels.task_names import ANSWER_INBOUND, SWEEP_INBOUND
from kernel.clock import now
from kernel.enqueue import enqueue_after_commit
from messaging.queries.inbound import list_unanswered_inbound

# What came later than this is most likely being answered; what is older lost its worker or its nudge.
SWEEP_AFTER = timedelta(seconds=10)
SWEEP_LIMIT = 500


@shared_task(name=ANSWER_INBOUND)
def answer_inbound(*, account_id: str, inbound_id: str, **_future: object) -> None:
    """Answer one text or call."""
    answer(account_id=uuid.UUID(account_id), inbound_id=uuid.UUID(inbound_id), now=now())


@shared_task(name=SWEEP_INBOUND)
def sweep_inbound(**_future: object) -> None:
    """Hand what waits for an answer to the workers again."""
    for account_id, inbound_id in list_unanswered_inbound(SWEEP_LIMIT, received_before=now() - SWEEP_AFTER):
        enqueue_after_commit(ANSWER_INBOUND, account_id=str(account_id), inbound_id=str(inbound_id))
