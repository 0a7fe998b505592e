"""One worker at a time gathers for a hub, and one sends to it: a slow address holds up no more than one.

Events are safe without that: each is claimed by itself. A turn that nobody ends is over when its time is.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Q

from partners.models import Hub

Turn = Literal["gathering_until", "sending_until"]
GATHERING: Turn = "gathering_until"
SENDING: Turn = "sending_until"


@contextmanager
def hub_turn(*, hub_id: uuid.UUID, turn: Turn, lasts: timedelta, now: datetime) -> Iterator[bool]:
    """Take a hub's turn, if nobody has it, and end it afterwards.

    :param lasts: when it is over by itself.
    :return: whether it is ours. Must not be used inside a transaction.
    """
    until = now + lasts
    free = Q(**{f"{turn}__isnull": True}) | Q(**{f"{turn}__lte": now})
    if not Hub.objects.filter(free, id=hub_id).update(**{turn: until}):
        yield False
        return
    try:
        yield True
    finally:
        Hub.objects.filter(id=hub_id, **{turn: until}).update(**{turn: None})
