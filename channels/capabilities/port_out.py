"""Whether the number can be taken to another operator. No arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation

from accounts.models import Line
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.texts import PORTING_FREE, PORTING_OBSTACLES
from messaging.texts import instant_words
from packages_app.queries.obstacles import Obstacle, list_porting_obstacles


@dataclass(frozen=True)
class PortOutAnswer(Answer):
    """What stands in the way as of an instant, in the language of the line."""

    obstacles: Sequence[Obstacle]
    at: datetime

    def words(self, language: str) -> Sequence[Words]:
        at = instant_words(language, self.at)
        if not self.obstacles:
            return [Words(PORTING_FREE, {"at": at})]
        with translation.override(language):
            lines = "\n".join(f"{number}. {obstacle}" for number, obstacle in enumerate(self.obstacles, start=1))
        return [Words(PORTING_OBSTACLES, {"at": at, "lines": lines})]


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> PortOutAnswer:
    """Return each reason with its cure.

    :raises NotFound: the account has no wallet.
    """
    return PortOutAnswer(list_porting_obstacles(line=line, now=now), now)


CAPABILITY = Capability("port_out", run)
