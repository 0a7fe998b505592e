"""What lines send, and what they are answered."""

from datetime import datetime

from accounts.models import Line
from channels.models import Interaction
from channels.operations.answer_inbound import answer_inbound
from messaging.models import Sms
from tests.factories.messaging import NOW, receive_call, receive_text


def text_10086(line: Line, body: str, *, now: datetime = NOW) -> list[str]:
    """Let a line text the hall, answer it, and return the texts that came of it, in the order they were queued."""
    before = set(_texts(line))
    answer_inbound(account_id=line.account_id, inbound_id=receive_text(line, body, now=now), now=now)
    return [body for key, body in _texts(line).items() if key not in before]


def ring_1008611(line: Line, *, now: datetime = NOW) -> list[str]:
    """Let a line ring the number that rings off, answer it, and return the texts that came of it."""
    before = set(_texts(line))
    answer_inbound(account_id=line.account_id, inbound_id=receive_call(line, "1008611", now=now), now=now)
    return [body for key, body in _texts(line).items() if key not in before]


def uses_of(line: Line) -> list[tuple[str, str, str]]:
    """Return channel, capability and outcome of each use, oldest first."""
    rows = Interaction.objects.filter(account_id=line.account_id).order_by("at", "id")
    return list(rows.values_list("channel", "capability", "outcome"))


def _texts(line: Line) -> dict[str, str]:
    rows = Sms.objects.filter(account_id=line.account_id).order_by("queued_at", "dedup_key")
    return dict(rows.values_list("dedup_key", "body"))
