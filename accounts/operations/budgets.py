"""How often a thing may be done, counted in the database, so that any number of web servers share one count."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Budget
from kernel.errors import DomainError

# One conditional statement: the row is locked, looked at again and counted in one step, so a race cannot overspend.
# A window begins with its first use, not on the clock, so that its border cannot be used twice over.
_TAKE = """
INSERT INTO accounts_budget AS held (key, count, ends_at) VALUES (%(key)s, 1, %(ends_at)s)
ON CONFLICT (key) DO UPDATE
   SET count = CASE WHEN held.ends_at <= %(now)s THEN 1 ELSE held.count + 1 END,
       ends_at = CASE WHEN held.ends_at <= %(now)s OR %(prolong)s THEN excluded.ends_at ELSE held.ends_at END
 WHERE held.ends_at <= %(now)s OR held.count < %(limit)s
RETURNING count, ends_at
"""


class BudgetSpent(DomainError):
    """The thing was done as often as it may be in this window.

    :ivar next_at: when it may be done again.
    """

    code = "BUDGET_SPENT"
    message = _("This was tried too often.")
    http_status = 429

    def __init__(self, *, next_at: datetime, now: datetime) -> None:
        at, today = timezone.localtime(next_at), timezone.localtime(now).date()
        when = date_format(at, "H:i:s" if at.date() == today else "DATETIME_FORMAT")
        super().__init__(cure=_("You can try again at %(time)s.") % {"time": when})
        self.next_at = next_at
        self.retry_after_seconds = max(1, ceil((next_at - now).total_seconds()))


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """A use that was counted.

    :ivar count: uses in this window, with this one; `ends_at` its end.
    """

    count: int
    ends_at: datetime


def take_from_budget(*, key: str, limit: int, period: timedelta, now: datetime, prolong: bool = False) -> int:
    """Count one use as `count_use` does, and return how many there were in this window."""
    return count_use(key=key, limit=limit, period=period, now=now, prolong=prolong).count


def count_use(*, key: str, limit: int, period: timedelta, now: datetime, prolong: bool = False) -> BudgetUse:
    """Count one use of what the key names, unless the budget is spent.

    :param key: what is counted, such as "code:number:day:+8613800138000".
    :param limit: uses allowed in one window, at least 1.
    :param period: how long a window lasts.
    :param now: when; a window begins with its first use.
    :param prolong: True lets each counted use begin the window anew: it ends after a `period` without one.
    :raises BudgetSpent: nothing was counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"key": key, "limit": limit, "now": now, "ends_at": now + period, "prolong": prolong})
        counted = cursor.fetchone()
    if counted is None:
        ends_at = Budget.objects.filter(key=key).values_list("ends_at", flat=True).first()
        raise BudgetSpent(next_at=ends_at or now, now=now)
    return BudgetUse(*counted)


def clear_budget(*, key: str) -> None:
    """Start the count anew, as if nothing had been done."""
    Budget.objects.filter(key=key).delete()
