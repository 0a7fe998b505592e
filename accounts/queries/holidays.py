"""Reads holiday windows: when customers of a star are not suspended, and until when."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import Account, HolidayWindow
from accounts.queries.public_holidays import is_year_known
from kernel.clock import SHANGHAI

# The State Council announces a year's holidays in November; from then on staff are asked for them.
_ANNOUNCED_IN_MONTH = 11


@dataclass(frozen=True, slots=True)
class Protection:
    """Why somebody is not suspended at an instant, and until when.

    :ivar ends_at: first instant without protection: windows that touch or overlap are one.
    :ivar windows: those that hold, earliest first; the first is in force now.
    """

    ends_at: datetime
    windows: Sequence[HolidayWindow]

    def name_in(self, language: str) -> str:
        """Return the name of the holiday in force in "zh-hans" or "en"."""
        return self.windows[0].name_in(language)


def get_protection(province: str, star: int | None, at: datetime) -> Protection | None:
    """Return what keeps a customer from being suspended at an instant, None when nothing does; one query.

    :param province: of the account, ISO 3166-2 code such as "CN-GD".
    :param star: of the account, None: not rated, which no window protects.
    """
    if star is None:
        return None
    ends_at, windows = at, []
    for window in _windows(province, star, at):
        if window.starts_at > ends_at:
            break
        windows.append(window)
        ends_at = max(ends_at, window.ends_at)
    return Protection(ends_at, windows) if windows else None


def list_coming_windows(
    *, account_id: uuid.UUID, star: int | None, at: datetime, limit: int = 4
) -> list[HolidayWindow]:
    """Return the windows that protect an account with a star from an instant on, those that run included."""
    if star is None:
        return []
    province = Account.objects.values_list("province", flat=True).get(id=account_id)
    return list(_windows(province, star, at)[:limit])


def _windows(province: str, star: int, at: datetime) -> QuerySet[HolidayWindow]:
    rows = HolidayWindow.objects.filter(Q(province="") | Q(province=province), minimum_star__lte=star, ends_at__gt=at)
    return rows.order_by("starts_at", "ends_at", "code")


def list_missing_years(now: datetime) -> list[int]:
    """Return the years whose public holidays the calendar should know by now and does not, in their order."""
    local = now.astimezone(SHANGHAI)
    needed = range(local.year, local.year + 1 + (local.month >= _ANNOUNCED_IN_MONTH))
    return [year for year in needed if not is_year_known(year)]
