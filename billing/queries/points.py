"""Reads the points of an account. The one ownership rule: points are reached through their account."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from billing.models import PointsDue, PointsEntry, PointsLot


@dataclass(frozen=True, slots=True)
class ExpiringPoints:
    """Points that can be used before an instant."""

    points: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Points:
    """What an account can use, swept or not, and what of it ends when, the earliest first.

    :ivar is_waiting: something was spent just now whose points are not posted yet.
    """

    total: int
    expiring: tuple[ExpiringPoints, ...]
    is_waiting: bool


def get_points(account_id: uuid.UUID, now: datetime) -> Points:
    """Return the points of an account; one that never had any has none."""
    lots = PointsLot.objects.filter(account_id=account_id, left_points__gt=0, expires_at__gt=now)
    sums = lots.values("expires_at").annotate(points=Sum("left_points")).order_by("expires_at")
    expiring = tuple(ExpiringPoints(int(row["points"]), row["expires_at"]) for row in sums)
    is_waiting = PointsDue.objects.filter(account_id=account_id).exists()
    return Points(sum(lot.points for lot in expiring), expiring, is_waiting)


def list_points_entries(
    account_id: uuid.UUID, *, limit: int, older_than: int | None = None
) -> tuple[Sequence[PointsEntry], int | None]:
    """Return a page of an account's movements of points, newest first, and the version to go on below, if any."""
    entries = PointsEntry.objects.filter(account_id=account_id).order_by("-version")
    if older_than is not None:
        entries = entries.filter(version__lt=older_than)
    rows = list(entries[: limit + 1])
    return rows[:limit], rows[limit - 1].version if len(rows) > limit else None
