"""Door for workers."""

from celery import shared_task

from accounts.operations.data_downloads import delete_data_downloads
from accounts.operations.data_downloads import make_data_downloads as make_waiting_downloads
from accounts.operations.forget_expired import forget_expired as forget_expired_rows
from accounts.operations.keep_holidays import keep_holidays as keep_holiday_windows
from accounts.operations.own_bars import end_own_bars as end_bars_that_are_over
from accounts.operations.retention import apply_retention as apply_all_rules
from accounts.task_names import MAKE_DATA_DOWNLOADS
from kernel.clock import now


@shared_task(name="accounts.forget_expired")
def forget_expired(**_future: object) -> None:
    """Delete budgets, codes, sessions, tokens and kept answers that mean nothing any more."""
    forget_expired_rows(now=now())


@shared_task(name="accounts.keep_holidays")
def keep_holidays(**_future: object) -> None:
    """Keep the windows of public holidays as the calendar has them."""
    keep_holiday_windows(now=now())


@shared_task(name="accounts.end_own_bars")
def end_own_bars(**_future: object) -> None:
    """Sweeper: restore numbers whose time at the customer's request is over."""
    end_bars_that_are_over(now=now())


@shared_task(name=MAKE_DATA_DOWNLOADS)
def make_data_downloads(**_future: object) -> None:
    """Nudge and sweeper: make the copies of customers' data that wait, delete those whose time is over."""
    make_waiting_downloads(now=now())
    delete_data_downloads(now=now())


@shared_task(name="accounts.apply_retention")
def apply_retention(**_future: object) -> None:
    """Forget what is kept for long enough, in every app."""
    apply_all_rules(now=now())
