"""Keeps the windows of public holidays as the calendar library has them. Local ones, and those changed, are staff's."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings

from accounts.models import HolidayWindow
from accounts.queries.holidays import list_missing_years
from accounts.queries.public_holidays import PublicHoliday, list_public_holidays
from kernel.clock import SHANGHAI

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HolidaysKept:
    """What a run did: windows made, windows moved as the calendar now says, and years that it does not know yet."""

    made: int
    moved: int
    missing_years: list[int]


def keep_holidays(*, now: datetime) -> HolidaysKept:
    """Make the windows of this year's and the next year's public holidays, or move them; again changes nothing.

    A new window protects customers of HOLIDAY_MINIMUM_STAR or more. Windows that staff changed stay as they are.
    """
    year = now.astimezone(SHANGHAI).year
    holidays = [*list_public_holidays(year), *list_public_holidays(year + 1)]
    kept = HolidayWindow.objects.in_bulk([holiday.code for holiday in holidays])
    missing = [_window(holiday) for holiday in holidays if holiday.code not in kept]
    HolidayWindow.objects.bulk_create(missing, ignore_conflicts=True)
    moved = sum(_move(kept[holiday.code], holiday) for holiday in holidays if holiday.code in kept)
    missing_years = list_missing_years(now)
    if missing_years:
        log.warning("public_holidays_unknown", years=missing_years)
    return HolidaysKept(len(missing), moved, missing_years)


def _window(holiday: PublicHoliday) -> HolidayWindow:
    return HolidayWindow(
        code=holiday.code,
        name_zh=holiday.name_zh,
        name_en=holiday.name_en,
        starts_at=holiday.starts_at,
        ends_at=holiday.ends_at,
        minimum_star=settings.HOLIDAY_MINIMUM_STAR,
    )


def _move(window: HolidayWindow, holiday: PublicHoliday) -> int:
    if (window.starts_at, window.ends_at) == (holiday.starts_at, holiday.ends_at):
        return 0
    windows = HolidayWindow.objects.filter(code=window.code, is_kept_by_staff=False)
    return windows.update(starts_at=holiday.starts_at, ends_at=holiday.ends_at)
