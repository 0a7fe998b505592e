"""A figure over time, drawn by the server: a column for each day, one part above the other for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from kernel.desk_figures import Figure
from kernel.errors import Text

# As many as colours can be told apart; the rest is one part together.
_MOST_PARTS = 5
# The drawing's own measure; the page stretches it.
HEIGHT = 100
_COLUMN, _GAP = 10, 2


@dataclass(frozen=True, slots=True)
class ChartPart:
    """A rectangle, and what it says when pointed at."""

    x: int
    y: float
    height: float
    series: int
    words: str


@dataclass(frozen=True, slots=True)
class DayChart:
    """The drawing and the table that says the same.

    :ivar series: what each colour stands for.
    :ivar rows: for each day how many of each series.
    :ivar highest: what the tallest column stands for.
    """

    series: Sequence[Text]
    rows: Sequence[tuple[date, Sequence[int]]]
    parts: Sequence[ChartPart]
    width: int
    highest: int
    height: int = HEIGHT
    column: int = _COLUMN - _GAP


def draw_days(figure: Figure, days: Sequence[date]) -> DayChart | None:
    """Draw a figure over the days of its period; None where one day is all, or nothing is known by day."""
    if not figure.has_days or len(days) == 1:
        return None
    first, rest = figure.rows[:_MOST_PARTS], figure.rows[_MOST_PARTS:]
    series = [row.label for row in first] + ([gettext("all others")] if rest else [])
    rows = []
    for day in days:
        counts = [row.by_day.get(day, 0) for row in first]
        rows.append((day, counts + ([sum(row.by_day.get(day, 0) for row in rest)] if rest else [])))
    highest = max(sum(counts) for _day, counts in rows) or 1
    parts = []
    for number, (day, counts) in enumerate(rows):
        top = float(HEIGHT)
        for which, count in enumerate(counts):
            height = count * HEIGHT / highest
            top -= height
            if count:
                words = f"{day:%m-%d} {series[which]}: {count}"
                parts.append(ChartPart(number * _COLUMN, round(top, 2), round(height, 2), which, words))
    return DayChart(series, rows, parts, len(days) * _COLUMN - _GAP, highest)
