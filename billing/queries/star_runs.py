"""Reads which months have been rated."""

from datetime import datetime

from billing.models import StarRun
from kernel.clock import Month, month_of


def get_month_to_rate(now: datetime) -> Month | None:
    """Return the month of `now` while its rating is missing or was cut off, else None. Months that passed stay so."""
    month = month_of(now)
    finished = StarRun.objects.filter(period_date=month.first_date, finished_at__isnull=False)
    return None if finished.exists() else month


def is_later_month_rated(month: Month) -> bool:
    """Tell whether a month after this one was rated, or has begun to be."""
    return StarRun.objects.filter(period_date__gt=month.first_date).exists()
