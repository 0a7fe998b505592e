"""The figures of the staff desk: what an app contributes.

`settings.DESK_FIGURES` names functions that take a `Period` and return a `Figure`, or None where the person may not see
it. The page itself (`portal.desk.figures_page`) knows none of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.http import HttpRequest

from kernel.clock import SHANGHAI
from kernel.errors import Text

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Period:
    """Who wants figures of which time, [starts_at, ends_at)."""

    request: HttpRequest
    starts_at: datetime
    ends_at: datetime

    def may(self, permission: str) -> bool:
        """Tell whether this person has a permission, such as "billing.view_topup"."""
        return self.request.user.has_perm(permission)

    @property
    def days(self) -> list[date]:
        """The days in Shanghai that the period touches."""
        first = self.starts_at.astimezone(SHANGHAI).date()
        last = (self.ends_at - timedelta(microseconds=1)).astimezone(SHANGHAI).date()
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One bar: what, how many, and what else is worth saying of it.

    :ivar by_day: how many of them on which day; empty where that says nothing.
    """

    label: Text
    count: int
    besides: Text = ""
    by_day: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """One table with its bars.

    :ivar name: names it in addresses and files.
    :ivar columns: headings: of the labels, the counts, and of what is said besides, where anything is.
    """

    name: str
    title: Text
    columns: Sequence[Text]
    rows: Sequence[FigureRow]

    @property
    def longest(self) -> int:
        """The count that draws the whole bar."""
        return max((row.count for row in self.rows), default=0) or 1

    @property
    def total(self) -> int:
        return sum(row.count for row in self.rows)

    @property
    def has_days(self) -> bool:
        """Whether it says on which days."""
        return any(row.by_day for row in self.rows)


def share_text(part: int, whole: int) -> str:
    """Return a part of a whole as people read it: "12.5 %"."""
    return f"{part * _WHOLE / (whole or 1):.1f} %"
