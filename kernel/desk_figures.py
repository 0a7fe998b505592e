"""The figures of the staff desk: what an app contributes.

`settings.DESK_FIGURES` names functions that take a `Period` and return a `Figure`, or None where the person may not see
it. The page itself (`portal.desk.figures_page`) knows none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from kernel.errors import Text


@dataclass(frozen=True, slots=True)
class Period:
    """Who wants figures of which time, [starts_at, ends_at)."""

    request: HttpRequest
    starts_at: datetime
    ends_at: datetime

    def may(self, permission: str) -> bool:
        """Tell whether this person has a permission, such as "billing.view_topup"."""
        return self.request.user.has_perm(permission)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One bar: what, how many, and what else is worth saying of it."""

    label: Text
    count: int
    besides: Text = ""


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
