"""What a capability is: a thing a customer can do, said once for every hall."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.utils import translation

from accounts.models import Line
from channels.texts import REFUSED
from kernel.errors import DomainError
from messaging.texts import SmsTemplate

OK = "OK"

Arguments = Mapping[str, Any]


class Words(NamedTuple):
    """One message of an answer: the text and what stands in its gaps."""

    template: SmsTemplate
    values: Mapping[str, object]


class Answer(ABC):
    """What a use of a capability brought: typed plain data in the subclass, for halls that draw.

    :cvar outcome: "OK", or the code of the refusal.
    """

    outcome: str = OK

    @abstractmethod
    def words(self, language: str) -> Sequence[Words]:
        """Return the answer as a hall of words says it: one or more messages, or none where silence is right.

        :param language: "zh-hans" or "en".
        """


class Refusal(Answer):
    """The operation said no; the refusal's own sentence is the answer."""

    def __init__(self, error: DomainError) -> None:
        self.error = error
        self.outcome = error.code

    def words(self, language: str) -> Sequence[Words]:
        with translation.override(language):
            return [Words(REFUSED, {"sentence": str(self.error)})]


class Run(Protocol):
    """Carry out a capability for a line, in the caller's transaction.

    :param line: whose.
    :param channel: where, a `kernel.channel.Channel` value.
    :param arguments: what the hall read, as the capability's module documents.
    :raises DomainError: refused; what the refusal left behind (a counted guess) must be committed.
    """

    def __call__(self, *, line: Line, channel: str, arguments: Arguments, now: datetime) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Capability:
    """A capability under the name that interactions are counted by."""

    name: str
    run: Run
