"""How many points there are, and what of them expires first. No arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import localtime

from accounts.models import Line
from billing.queries.points import Points, get_points
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.texts import NO_POINTS, POINTS
from messaging.texts import instant_words, month_words


@dataclass(frozen=True)
class PointsAnswer(Answer):
    """The points of the line's account as of an instant."""

    points: Points
    at: datetime

    def words(self, language: str) -> Sequence[Words]:
        at = instant_words(language, self.at)
        if not self.points.expiring:
            return [Words(NO_POINTS, {"at": at})]
        first = self.points.expiring[0]
        # The instant of the end belongs to the month after.
        month = month_words(language, localtime(first.expires_at - timedelta(seconds=1)).date())
        return [Words(POINTS, {"at": at, "points": self.points.total, "first": first.points, "month": month})]


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> PointsAnswer:
    """Return the points."""
    return PointsAnswer(get_points(line.account_id, now), now)


CAPABILITY = Capability("points", run)
