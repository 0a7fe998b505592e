"""Keeps all workers together to the rate that a network allows, counted in parts.

Room is taken before texts are claimed, since nobody knows yet how many parts they have; the rest is settled afterwards.
Nothing is asked of the database for a gateway without a rate.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from messaging.models import GatewayPace

# What was not used in this time is lost, so that a pause is not followed by a flood.
_BURST = timedelta(seconds=1)
# Nobody is further ahead than this, except by a clock that was put back.
_FURTHEST = timedelta(seconds=60)
_SHORTEST_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Room:
    """How many texts of one part each may leave now; `look_after` as in `Delivery`."""

    texts: int
    rate: float = 0.0
    look_after: float | None = None


def take_room(*, gateway: str, texts: int, now: datetime) -> Room:
    """Take room for so many texts of one part, or for as many as the rate allows.

    :param gateway: its name; `settings.SMS_RATES` has the rates in parts a second.
    """
    rate = settings.SMS_RATES.get(gateway, 0.0)
    if not rate:
        return Room(texts)
    with transaction.atomic():
        pace = _lock(gateway, now)
        free_at = max(pace.free_at, now - _BURST)
        if now < free_at <= now + _FURTHEST:
            return Room(0, rate, _announce_look(gateway, (free_at - now).total_seconds(), now))
        free_at = min(free_at, now)
        taken = min(texts, max(math.floor((now - free_at).total_seconds() * rate), 1))
        pace.free_at = free_at + timedelta(seconds=taken / rate)
        pace.save(update_fields=["free_at"])
    return Room(taken, rate)


def settle_room(*, gateway: str, room: Room, parts: int) -> None:
    """Put right what was taken, once it is known how many parts leave."""
    if room.rate and parts != room.texts:
        difference = timedelta(seconds=(parts - room.texts) / room.rate)
        GatewayPace.objects.filter(gateway=gateway).update(free_at=F("free_at") + difference)


def _lock(gateway: str, now: datetime) -> GatewayPace:
    paces = GatewayPace.objects.select_for_update(of=("self",), no_key=True).filter(gateway=gateway)
    pace = paces.first()
    if pace is None:
        GatewayPace.objects.bulk_create([GatewayPace(gateway=gateway, free_at=now, look_at=now)], ignore_conflicts=True)
        pace = paces.get()
    return pace


def _announce_look(gateway: str, seconds: float, now: datetime) -> float | None:
    """Return after how long to look again; None when another worker will: one at a time is enough."""
    seconds = max(seconds, _SHORTEST_LOOK_SECONDS)
    nobody_will = Q(look_at__lte=now) | Q(look_at__gt=now + _FURTHEST)
    announced = GatewayPace.objects.filter(nobody_will, gateway=gateway).update(
        look_at=now + timedelta(seconds=seconds)
    )
    return seconds if announced else None
