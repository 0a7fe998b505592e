"""Gateways that fail the way a test asks for. A worker in another process imports them by their path."""

import os
import signal
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from messaging.gateways.base import OutgoingSms, SendResult
from messaging.gateways.stub import StubGateway

HANGS_SECONDS = 3600


class NotedGateway(StubGateway):
    """The stub, which drops repeats, and a note of every id it was handed, repeats too."""

    def __init__(self) -> None:
        self.notes = Path(os.environ["TEST_GATEWAY_NOTES"])

    def send(self, messages: Sequence[OutgoingSms], *, now: datetime, timeout_seconds: float) -> list[SendResult]:
        is_first = not self.notes.exists()
        results = super().send(messages, now=now, timeout_seconds=timeout_seconds)
        with self.notes.open("a") as notes:
            notes.writelines(f"{message.message_id}\n" for message in messages)
        if is_first:
            self.fail()
        return results

    def fail(self) -> None:
        """What happens once, after the first batch has left and before that is noted in the outbox."""


class KillsItsProcess(NotedGateway):
    """The process that sends is killed; the worker's other processes live on."""

    def fail(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class KillsItsWorker(NotedGateway):
    """The whole worker is killed, all its processes at once."""

    def fail(self) -> None:
        os.killpg(os.getpgrp(), signal.SIGKILL)


class Hangs(NotedGateway):
    """The gateway has taken the batch and does not answer, whatever time-out it was given."""

    def fail(self) -> None:
        time.sleep(HANGS_SECONDS)
