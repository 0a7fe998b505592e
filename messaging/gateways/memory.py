"""A gateway that lives in the process: for tests and measurements."""

from collections.abc import Callable, Sequence
from datetime import datetime

from messaging.gateways.base import Outcome, OutgoingSms, SendResult, SmsGateway

Script = Callable[[OutgoingSms], SendResult]


class MemoryGateway(SmsGateway):
    """Keeps what it sent in `sent`. Set `script` to decide each text's outcome, or to raise.

    Like most networks it does not know message ids again: what is sent twice is in `sent` twice.
    """

    name = "memory"

    def __init__(self) -> None:
        self.sent: list[OutgoingSms] = []
        self.batch_sizes: list[int] = []
        self.script: Script = take

    def send(self, messages: Sequence[OutgoingSms], *, now: datetime, timeout_seconds: float) -> list[SendResult]:
        self.batch_sizes.append(len(messages))
        results = [self.script(message) for message in messages]
        self.sent += [
            message
            for message, result in zip(messages, results, strict=True)
            if result.outcome in (Outcome.SENT, Outcome.UNKNOWN)
        ]
        return results


def take(message: OutgoingSms) -> SendResult:
    """The script of a network that takes everything."""
    return SendResult(Outcome.SENT, gateway_message_id=f"memory-{message.message_id}")
