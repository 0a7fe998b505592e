"""What is left of data, calls and texts. No arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Line
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.texts import ALLOWANCE, NO_ALLOWANCE, left_words
from messaging.texts import day_words, instant_words
from packages_app.queries.allowance import Allowance, get_allowance


@dataclass(frozen=True)
class AllowanceAnswer(Answer):
    """What the line has left as of an instant."""

    allowance: Allowance
    at: datetime

    def words(self, language: str) -> Sequence[Words]:
        at = instant_words(language, self.at)
        kinds = [kind for kind in self.allowance.kinds if kind.total]
        if not kinds:
            return [Words(NO_ALLOWANCE, {"at": at})]
        values = {
            "at": at,
            "lines": "\n".join(left_words(language, kind) for kind in kinds),
            "reset": day_words(language, self.allowance.data.resets_at),
        }
        return [Words(ALLOWANCE, values)]


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> AllowanceAnswer:
    """Return what is left."""
    return AllowanceAnswer(get_allowance(line.account_id, line.id, now), now)


CAPABILITY = Capability("allowance", run)
