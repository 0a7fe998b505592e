"""Lets this month's cap on use beyond the plan rise by one step. No arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Line
from channels.capabilities.base import Answer, Arguments, Capability, Words
from packages_app.models import CapLift
from packages_app.operations.lift_cap import lift_cap


@dataclass(frozen=True)
class CapLifted(Answer):
    """The cap as it is now. The line is told of it by a text of its own, so that nothing more need be said."""

    lift: CapLift

    def words(self, language: str) -> Sequence[Words]:
        return []


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> CapLifted:
    """Lift the cap.

    :raises CapNotReached: use beyond the plan is not stopped.
    """
    return CapLifted(lift_cap(account_id=line.account_id, line_id=line.id, channel=channel, now=now))


CAPABILITY = Capability("lift_cap", run)
