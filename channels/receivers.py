"""Door for notices from below: what a line sent is handed to a worker. A lost notice is found by the sweeper."""

import uuid

from django.dispatch import receiver

from channels.task_names import ANSWER_INBOUND
from kernel.enqueue import enqueue_after_commit
from messaging.events import inbound_received


@receiver(inbound_received)
def answer_soon(account_id: uuid.UUID, inbound_id: uuid.UUID, **_future: object) -> None:
    """Tell a worker which text or call waits for an answer."""
    enqueue_after_commit(ANSWER_INBOUND, account_id=str(account_id), inbound_id=str(inbound_id))
