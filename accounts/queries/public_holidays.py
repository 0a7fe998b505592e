"""Reads mainland China's public holidays, as the State Council moves them about, from the calendar library."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import chinese_calendar

from kernel.clock import SHANGHAI

_DECEMBER = 12
_DAY = timedelta(days=1)
_EVE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PublicHoliday:
    """One holiday with the days off around it.

    :ivar code: the same for the same holiday of a year, whatever days it is moved to.
    :ivar starts_at: first instant of its first day; with `ends_at` half-open.
    """

    code: str
    name_zh: str
    name_en: str
    starts_at: datetime
    ends_at: datetime


def is_year_known(year: int) -> bool:
    """Tell whether the library has a year's holidays; they are announced in the November before."""
    try:
        chinese_calendar.is_holiday(date(year, 1, 1))
    except NotImplementedError:  # the library's word for a year that was not announced yet
        return False
    return True


def list_public_holidays(year: int) -> list[PublicHoliday]:
    """Return a year's public holidays in their order, empty where the year is not known.

    New Year's Day is the year's that it opens, also where its days off begin in December.
    """
    if not is_year_known(year):
        return []
    names = {holiday.value: holiday for holiday in chinese_calendar.Holiday}
    days: dict[chinese_calendar.Holiday, list[date]] = {}
    day = date(year, 1, 1) - _EVE if is_year_known(year - 1) else date(year, 1, 1)
    while day.year <= year:
        # A working day that makes up for one off has the holiday's name, too.
        is_off, name = chinese_calendar.get_holiday_detail(day)
        if is_off and name in names and _year_of(day, names[name]) == year:
            days.setdefault(names[name], []).append(day)
        day += _DAY
    return [_holiday(year, holiday, found) for holiday, found in days.items()]


def _year_of(day: date, holiday: chinese_calendar.Holiday) -> int:
    is_eve = holiday is chinese_calendar.Holiday.new_years_day and day.month == _DECEMBER
    return day.year + is_eve


def _holiday(year: int, holiday: chinese_calendar.Holiday, days: list[date]) -> PublicHoliday:
    return PublicHoliday(
        code=f"CN-{year}-{holiday.name.upper()}",
        name_zh=holiday.chinese,
        name_en=holiday.value,
        starts_at=_midnight(min(days)),
        ends_at=_midnight(max(days) + _DAY),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI)
