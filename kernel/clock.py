"""Time. `now` is computed at a door and passed down; periods are half-open [start, end) and cut in Asia/Shanghai."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the current instant, aware. Only doors call this."""
    return timezone.now()


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """One calendar month in Asia/Shanghai: the period of a bill and of most buckets."""

    year: int
    month: int

    @property
    def first_date(self) -> date:
        """First day of the month; what the database stores for a period."""
        return date(self.year, self.month, 1)

    @property
    def starts_at(self) -> datetime:
        """First instant of the month."""
        return _midnight(self.year, self.month)

    @property
    def ends_at(self) -> datetime:
        """First instant after the month."""
        return self.next.starts_at

    @property
    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    @property
    def days(self) -> int:
        return (self.next.first_date - self.first_date).days

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@lru_cache(maxsize=256)
def _midnight(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=SHANGHAI)


def month_of(instant: datetime) -> Month:
    """Return the month in which an aware instant lies in Asia/Shanghai."""
    local = instant.astimezone(SHANGHAI)
    return Month(local.year, local.month)


def month_from_date(day: date) -> Month:
    """Return the month of a stored period date."""
    return Month(day.year, day.month)


def parse_month(text: str) -> Month:
    """Read "2026-10".

    :raises ValueError: not a month.
    """
    year, _dash, month = text.partition("-")
    if len(year) != 4 or len(month) != 2 or not (year + month).isascii() or not (year + month).isdigit():
        raise ValueError(f"{text!r} is not a month such as 2026-10")
    first = date(int(year), int(month), 1)
    return Month(first.year, first.month)


def quiet_hours_end(instant: datetime, *, from_hour: int, to_hour: int) -> datetime:
    """Return when a text that may wait should leave: `instant` itself outside the quiet hours, else their end.

    :param from_hour: hour 0–23 in Asia/Shanghai at which quiet starts, e.g. 22.
    :param to_hour: hour 0–23 at which it ends, e.g. 7. Equal hours mean no quiet hours.
    """
    local = instant.astimezone(SHANGHAI)
    if from_hour == to_hour:
        return instant
    end = local.replace(hour=to_hour, minute=0, second=0, microsecond=0)
    if from_hour < to_hour:
        return end if from_hour <= local.hour < to_hour else instant
    if local.hour >= from_hour:
        return end + timedelta(days=1)
    return end if local.hour < to_hour else instant
