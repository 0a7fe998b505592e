"""What a gateway to the mobile network must do. `settings.SMS_GATEWAY` names those in use."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import ClassVar


class GatewayUnavailable(Exception):
    """The gateway cannot be used now, and nothing of the batch has left. It counts as no try of any text."""


class Outcome(Enum):
    """What became of one text."""

    SENT = "taken by the network"
    REFUSED = "refused for good: sending it again would not help"
    TRY_LATER = "not taken this time; it counts as a try"
    NOT_TRIED = "did not leave, for a reason that is not the text's; it counts as no try, and the gateway rests"
    UNKNOWN = "it may have left: the answer is missing"


@dataclass(frozen=True, slots=True)
class OutgoingSms:
    """One text on its way out. `message_id` is the same each time the same text is tried.

    :ivar expires_at: the network is asked not to deliver it later than this.
    """

    message_id: uuid.UUID
    msisdn: str
    body: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SendResult:
    """The outcome of one text: with the network's id when sent, with a reason for staff otherwise.

    :ivar report_ids: the ids, one for each part, under which the network will report the delivery; none if it won't.
    """

    outcome: Outcome
    gateway_message_id: str = ""
    reason: str = ""
    report_ids: tuple[str, ...] = ()


class SmsGateway(ABC):
    """Takes batches of texts to the network.

    A worker may die between sending a text and noting it. The text is then sent once more under the same message id, so
    a customer gets it once only if the network drops ids it has seen (`drops_repeats`). Secret texts are not repeated.

    :cvar name: short name, kept with each text; at most 24 characters.
    """

    name: ClassVar[str]
    drops_repeats: bool = False

    @abstractmethod
    def send(self, messages: Sequence[OutgoingSms], *, now: datetime, timeout_seconds: float) -> list[SendResult]:
        """Send a batch and return one result for each message, in order.

        :param now: when they are sent.
        :param timeout_seconds: how long the whole call may take; what is unanswered then is `Outcome.UNKNOWN`.
        :raises GatewayUnavailable: nothing of the batch has left. Any other exception counts as a defect met with some
            text of the batch: the others are tried again without it, under the same message ids.
        """
