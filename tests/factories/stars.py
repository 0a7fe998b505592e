"""Star tables and ratings, made through the operations; and the same rating by hand."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from accounts.models import StarInput, StarRating, StarTable
from accounts.operations.star_table_rules import Band, StarRules
from accounts.operations.star_tables import approve_star_table, ensure_first_star_table, propose_star_table
from kernel.clock import Month

LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
STEPS = {
    StarInput.MONTHS: [(0, 0), (12, 10), (24, 20)],
    StarInput.REAL_NAME: [(0, 0), (1, 10)],
    StarInput.SPEND: [(0, 0), (50_00, 10), (100_00, 20)],
    StarInput.LATE: [(0, 20), (1, 5), (2, 0)],
    StarInput.SUSPENSIONS: [(0, 10), (1, 0)],
}
BANDS = [Band(0, 0), Band(30, 20_00), Band(50, 50_00), Band(65, 100_00), Band(80, 200_00)]

_keys = itertools.count(1)


def star_rules(first_month: Month = NOVEMBER, **changes: Any) -> StarRules:
    """Return rules with round figures; 80 points are the most."""
    values: dict[str, Any] = {
        "first_month": first_month,
        "minimum_months": 6,
        "looks_back_months": 6,
        "valid_months": 12,
        "steps": STEPS,
        "bands": BANDS,
    }
    return StarRules(**{**values, **changes})


def proposed_table(first_month: Month = NOVEMBER, **changes: Any) -> StarTable:
    """Propose a table, long before its first month."""
    return propose_star_table(
        rules=star_rules(first_month, **changes),
        words="a trial",
        request_key=f"test-{next(_keys)}",
        proposed_by=1,
        now=LONG_AGO,
    )


def star_table(first_month: Month = NOVEMBER, **changes: Any) -> StarTable:
    """Put a table in force from a month on."""
    table = proposed_table(first_month, **changes)
    return approve_star_table(table_id=table.id, checked_by=2, now=LONG_AGO)


def give_star(account_id: Any, star: int | None, *, month: Month = NOVEMBER, overdraft_fen: int = 0) -> StarRating:
    """Write a rating of an account down as if it had been made; its wallet is left alone."""
    ensure_first_star_table(now=LONG_AGO)
    points = 0 if star is None else (0, 45, 60, 75, 90)[star - 1]
    return StarRating.objects.create(
        account_id=account_id, period_date=month.first_date, table=StarTable.objects.earliest("valid_from"),
        months_on_network=3 if star is None else 60, has_real_name=True, average_spend_fen=0, late_months=0,
        suspensions=0, months_points=points, real_name_points=0, spend_points=0, late_points=0, suspension_points=0,
        points=points, star=star, overdraft_fen=overdraft_fen, is_first=True, previous_star=None,
        valid_until=Month(month.year + 1, month.month).first_date, rated_at=month.starts_at,
    )  # fmt: skip


class Inputs(NamedTuple):
    """What one account is rated by."""

    months: int
    real_name: bool
    spend_fen: int
    late: int
    suspensions: int


def rate_by_hand(rules: StarRules, inputs: Inputs) -> tuple[dict[StarInput, int], int | None]:
    """Return the points of each input and the star, by the words of the rule."""
    values = dict(zip(StarInput, (int(value) for value in inputs), strict=True))
    points = {name: _points(rules.steps, name, value) for name, value in values.items()}
    if inputs.months < rules.minimum_months:
        return points, None
    return points, sum(1 for band in rules.bands if band.least_points <= sum(points.values()))


def _points(steps: Mapping[StarInput, Sequence[tuple[int, int]]], name: StarInput, value: int) -> int:
    return [points for at_least, points in steps[name] if value >= at_least][-1]
