"""How often a caller may call, counted in the database: no two web servers can both let the last one through."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.utils.translation import gettext_lazy as _

from accounts.operations.budgets import BudgetSpent, count_use
from kernel.errors import DomainError
from kernel.light_commit import committed_lightly

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CallRate:
    """Where a caller stands in its window.

    :ivar limit: calls in a window; `remaining` how many are left in this one, which ends in `reset_seconds`.
    """

    limit: int
    remaining: int
    reset_seconds: int


class RateExceeded(DomainError):
    """The caller called as often as it may in this window.

    :ivar rate: where it stands.
    """

    code = "RATE_EXCEEDED"
    message = _("You call more often than you may.")
    cure = _("Wait as many seconds as Retry-After says, and send the same request again.")
    http_status = 429

    def __init__(self, rate: CallRate) -> None:
        super().__init__()
        self.rate = rate
        self.retry_after_seconds = rate.reset_seconds


def take_call(*, caller: str, limit: int, now: datetime) -> CallRate:
    """Count one call.

    :param caller: what is counted, such as "client:marketplace"; 140 characters at most.
    :param limit: calls in a minute. A window begins with its first call, so that its border cannot be used twice over.
    :raises RateExceeded: the window is used up; nothing was counted.
    """
    try:
        with committed_lightly():
            use = count_use(key=f"partners:calls:{caller}", limit=limit, period=WINDOW, now=now)
    except BudgetSpent as spent:
        raise RateExceeded(CallRate(limit, 0, _seconds(spent.next_at - now))) from None
    return CallRate(limit, limit - use.count, _seconds(use.ends_at - now))


def _seconds(left: timedelta) -> int:
    return max(1, ceil(left.total_seconds()))
