"""What was counted of a span of time: what of, and on which days."""

from collections.abc import Iterable, Mapping
from datetime import date

# What → day in Shanghai → how many.
DayCounts = Mapping[str, Mapping[date, int]]


def group_by_day(rows: Iterable[tuple[str, date, int]]) -> DayCounts:
    """Return (what, day, count) rows by what and day, what there is most of first."""
    found: dict[str, dict[date, int]] = {}
    for what, day, count in rows:
        days = found.setdefault(what, {})
        days[day] = days.get(day, 0) + count
    return dict(sorted(found.items(), key=lambda pair: (-sum(pair[1].values()), pair[0])))
