"""Points, earned as real ones are."""

import uuid
from datetime import datetime

from accounts.models import Line
from billing.models import PointsEntry, PointsLot, PointsPurse
from billing.operations.earn_points import earn_points
from billing.operations.points_ledger import bring_in_points
from billing.queries.points_rules import points_expire_at
from kernel.clock import month_of
from tests.factories.billing import NOW, give_cash, make_charge


def earn(line: Line, yuan: int, *, now: datetime = NOW) -> None:
    """Spend so many whole yuan, and get the points."""
    give_cash(line, yuan * 100, now=now)
    make_charge(line, amount_fen=yuan * 100, now=now)
    earn_points(now=now)


def bring_in(line: Line, points: int, *, earned_at: datetime, now: datetime = NOW) -> None:
    """Bring in points of an earlier month."""
    month = month_of(earned_at)
    bring_in_points(
        account_id=line.account_id,
        points=points,
        earned_date=month.first_date,
        expires_at=points_expire_at(month, lifetime_months=36),
        now=now,
    )


def points_of(line: Line) -> int:
    """Return what the purse says; 0 without one."""
    return PointsPurse.objects.filter(account_id=line.account_id).values_list("points", flat=True).first() or 0


def points_entries(line: Line) -> list[tuple[int, str, int, int]]:
    """Return (version, counterpart, points, after) of each movement, oldest first."""
    entries = PointsEntry.objects.filter(account_id=line.account_id).order_by("version")
    return list(entries.values_list("version", "counterpart", "points", "after_points"))


def lots_of(account_id: uuid.UUID) -> dict[str, int]:
    """Return what is left of each month, such as {"2026-11": 59}."""
    lots = PointsLot.objects.filter(account_id=account_id).order_by("earned_date")
    return {f"{earned:%Y-%m}": left for earned, left in lots.values_list("earned_date", "left_points")}
