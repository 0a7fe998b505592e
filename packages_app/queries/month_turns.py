"""Reads which months have been turned."""

from datetime import datetime

from kernel.clock import Month, month_from_date, month_of
from packages_app.models import MonthTurn


def is_turned(month: Month) -> bool:
    """Tell whether the turn of a month is complete: every account's fees are charged and its allowances renewed."""
    return MonthTurn.objects.filter(period_date=month.first_date, finished_at__isnull=False).exists()


def list_months_to_turn(now: datetime) -> list[Month]:
    """Return the months up to that of `now` whose turn is missing or was cut off, oldest first.

    A house without any turn begins with the month of `now`: what was charged before it, another system did.
    """
    current = month_of(now)
    unfinished = MonthTurn.objects.filter(finished_at=None).order_by("period_date")
    months = [month_from_date(first_date) for first_date in unfinished.values_list("period_date", flat=True)]
    last = MonthTurn.objects.order_by("-period_date").values_list("period_date", flat=True).first()
    month = month_from_date(last).next if last else current
    while month <= current:
        months.append(month)
        month = month.next
    return months
