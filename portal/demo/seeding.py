"""Fills an empty hall with demo people and their past, by the operations that bring real customers in."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import NumberDirectory
from accounts.operations.import_customers import import_customers
from accounts.operations.star_tables import ensure_first_star_table
from billing.operations.import_history import import_history
from billing.operations.issue_bills import issue_bills
from billing.operations.rate_stars import SETTLING, rate_stars
from billing.queries.star_runs import is_later_month_rated
from kernel.clock import Month, month_of
from kernel.errors import DomainError
from packages_app.operations.import_offerings import import_offerings
from packages_app.operations.import_subscriptions import import_subscriptions
from packages_app.operations.record_usage import import_usage
from packages_app.queries.catalogue import list_all_offerings
from portal.demo.catalogue import read_catalogue_file
from portal.demo.histories import past_of
from portal.demo.people import DemoLine, bulk_line, bulk_msisdn, fixed_lines, is_demo_msisdn
from portal.demo.points import bring_in_demo_points

# Lines brought in by one transaction.
CHUNK_LINES = 2_000
# A month's bills are made in the first hours of the next.
_BILLS_TAKE = timedelta(hours=2)

Progress = Callable[[str, int, int], None]


class NotADemo(DomainError):
    """Invented people have no place outside demo mode."""

    code = "NOT_A_DEMO"
    message = _("This hall is not in demo mode.")
    cure = _("Set HALL_DEMO=1 on a hall without customers.")


class HallHasCustomers(DomainError):
    """There are customers who are none of the demo's."""

    code = "HALL_HAS_CUSTOMERS"
    message = _("This hall has customers of its own; demo people are not put among them.")
    cure = _("Use an empty database.")


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made: lines new this time, and bills issued for them."""

    lines: int
    bills: int


def seed_demo(*, lines: int, months: int, seed: int, as_of: datetime, progress: Progress) -> Seeded:
    """Make the demo people that are not there yet, each with a past until `as_of`; who is there stays as they are.

    The same arguments make the same rows. Each chunk of lines is one transaction, so a run that was cut off goes on
    where it ended.

    :param lines: how many lines, besides the people that the demo names.
    :param months: how many whole months of charges, top-ups and bills before that of `as_of`.
    :param seed: another seed makes other people.
    :param as_of: midnight in Shanghai; nothing happened after it.
    :param progress: called with (step, done, of) as it goes on.
    :raises NotADemo: the hall is not in demo mode.
    :raises HallHasCustomers: there are customers who are none of the demo's.
    """
    if not settings.DEMO_MODE:
        raise NotADemo
    known = set(NumberDirectory.objects.values_list("msisdn", flat=True))
    missing = [demo for demo in fixed_lines(seed=seed, as_of=as_of) if demo.line.msisdn not in known]
    missing_indexes = [index for index in range(lines) if bulk_msisdn(index) not in known]
    total = len(missing) + len(missing_indexes)
    if not total:
        return Seeded(0, 0)
    if not all(map(is_demo_msisdn, known)):
        raise HallHasCustomers
    import_offerings(content=read_catalogue_file(), author="demo", now=as_of)
    bulk = (bulk_line(index, seed=seed, as_of=as_of) for index in missing_indexes)
    done = 0
    for chunk in _chunks(itertools.chain(missing, bulk)):
        _bring_in(chunk, months=months, as_of=as_of)
        done += len(chunk)
        progress("lines", done, total)
    bills = sum(_issue(month, as_of, progress) for month in _months_before(as_of, months))
    _rate(as_of, progress)
    with connection.cursor() as cursor:
        # So many rows at once are news to the planner.
        cursor.execute("ANALYZE")
    return Seeded(total, bills)


def _chunks(demo_lines: Iterable[DemoLine]) -> Iterator[list[DemoLine]]:
    remaining = iter(demo_lines)
    while chunk := list(itertools.islice(remaining, CHUNK_LINES)):
        yield chunk


def _bring_in(chunk: list[DemoLine], *, months: int, as_of: datetime) -> None:
    offerings = {offering.code: offering for offering in list_all_offerings()}
    pasts = [past_of(demo, offerings, months=months, as_of=as_of) for demo in chunk]
    with transaction.atomic():
        import_customers(lines=[demo.line for demo in chunk])
        import_history(
            wallets=[past.wallet for past in pasts],
            top_ups=[top_up for past in pasts for top_up in past.top_ups],
            charges=[charge for past in pasts for charge in past.charges],
        )
        for demo in chunk:
            if demo.fixed:
                bring_in_demo_points(account_id=demo.line.account_id, as_of=as_of)
        import_subscriptions(subscriptions=[sold for past in pasts for sold in past.subscriptions], now=as_of)
        import_usage(records=[row for past in pasts for row in past.usage], now=as_of)


def _months_before(as_of: datetime, months: int) -> list[Month]:
    listed: list[Month] = []
    month = month_of(as_of)
    for _number in range(months):
        month = month.previous
        listed.append(month)
    return listed[::-1]


def _issue(month: Month, as_of: datetime, progress: Progress) -> int:
    issued_at = min(month.ends_at + _BILLS_TAKE, as_of)
    return issue_bills(
        month=month,
        now=issued_at,
        progress=lambda done, total: progress(f"bills {month}", done, total),
        tells_customers=False,
    )


def _rate(as_of: datetime, progress: Progress) -> None:
    """Rate the month before, so that the stars have a past, and the one that runs."""
    ensure_first_star_table(now=as_of)
    for month in (month_of(as_of).previous, month_of(as_of)):
        if as_of >= month.starts_at + SETTLING and not is_later_month_rated(month):
            rate_stars(
                month=month,
                now=as_of,
                progress=lambda done, total: progress("stars", done, total),
                tells_customers=False,
            )
