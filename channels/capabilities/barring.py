"""Why the line is stopped and what helps. With `restore` a stop at the customer's request is lifted.

A lost SIM card is neither reported nor restored by what is sent from it: the answer leads to the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import translation

from accounts.models import Bar, BarReason, Line
from accounts.operations.own_bars import restore_by_customer
from accounts.queries.bars import get_cure, get_why, list_open_bars
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.texts import LOST_SIM_PAGE, NOT_STOPPED, STOPPED
from kernel.channel import Channel
from messaging.texts import instant_words

PAGE = "/barring/"


@dataclass(frozen=True)
class Restored(Answer):
    """The line is told of it by a text of its own, so that nothing more need be said."""

    bar: Bar

    def words(self, language: str) -> Sequence[Words]:
        return []


@dataclass(frozen=True)
class BarringAnswer(Answer):
    """What bars the line, the most serious first, as of an instant."""

    bars: Sequence[Bar]
    at: datetime

    def words(self, language: str) -> Sequence[Words]:
        values: dict[str, object] = {"at": instant_words(language, self.at), "page": f"{settings.PUBLIC_URL}{PAGE}"}
        if not self.bars:
            return [Words(NOT_STOPPED, values)]
        with translation.override(language):
            joint = "；" if translation.get_language() == "zh-hans" else "; "
            values["reason"] = joint.join(dict.fromkeys(str(get_why(bar)) for bar in self.bars))
            values["cure"] = str(get_cure(self.bars[0]))
        return [Words(STOPPED, values)]


@dataclass(frozen=True)
class LostSimAnswer(Answer):
    """Where a lost SIM card is reported."""

    def words(self, language: str) -> Sequence[Words]:
        page = f"{settings.PUBLIC_URL}{PAGE}"
        return [Words(LOST_SIM_PAGE, {"page": page, "service_number": settings.SERVICE_NUMBER})]


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> Answer:
    """Return why the line is stopped, restore what may be restored so, or say where a lost card is reported.

    :param arguments: `restore` or `lost`, true when that is asked for.
    """
    if arguments.get("lost"):
        return LostSimAnswer()
    bars = list_open_bars(line.account_id, line.id)
    if arguments.get("restore") and BarReason.CUSTOMER_REQUEST in {bar.reason for bar in bars}:
        bar = restore_by_customer(
            account_id=line.account_id,
            line_id=line.id,
            reason=BarReason.CUSTOMER_REQUEST,
            channel=Channel(channel),
            now=now,
        )
        return Restored(bar)
    return BarringAnswer(bars, now)


CAPABILITY = Capability("barring", run)
