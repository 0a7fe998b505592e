"""What stands on the handset's screen: received and sent texts in one conversation, newest first."""

import uuid
from datetime import datetime, timedelta
from typing import TypedDict

from kernel.clock import SHANGHAI
from messaging.queries.inbound import list_inbound_texts
from messaging.queries.texts import list_stub_texts

TEXTS_SHOWN = 30
# (asked so many times since something happened, seconds until the next time): quick at first, then ever slower.
_PACES = ((15, 1), (40, 2), (70, 5))
_SLOWEST = 10
_JUST_NOW = timedelta(seconds=2)


class TextOnScreen(TypedDict):
    """One of `texts` of components/_handset.html."""

    peer: str
    body: str
    at: str
    outgoing: bool
    is_new: bool


def list_texts_on_screen(*, account_id: uuid.UUID, msisdn: str, now: datetime) -> list[TextOnScreen]:
    """Return the latest texts of a number, newest first; those that came since the last look are marked."""
    new_since = now - _JUST_NOW
    received = [(text.sent_at, text.from_number, text.body, False) for text in list_stub_texts(msisdn, TEXTS_SHOWN)]
    sent = [
        (text.received_at, text.to_number, text.body, True)
        for text in list_inbound_texts(account_id, msisdn, TEXTS_SHOWN)
    ]
    latest = sorted(received + sent, reverse=True)[:TEXTS_SHOWN]
    return [
        {
            "peer": peer,
            "body": body,
            "at": _clock_words(at, now),
            "outgoing": outgoing,
            "is_new": not outgoing and at > new_since,
        }
        for at, peer, body, outgoing in latest
    ]


def next_look(*, looks: int, texts: list[TextOnScreen]) -> tuple[int, int]:
    """Return how many looks there were since something happened, this one included, and seconds until the next."""
    looks = 1 if any(text["is_new"] for text in texts) else looks + 1
    return looks, next((seconds for until, seconds in _PACES if looks <= until), _SLOWEST)


def _clock_words(at: datetime, now: datetime) -> str:
    local, today = at.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local.month}-{local.day} {local:%H:%M}"
