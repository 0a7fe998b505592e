"""The monthly rating: inputs gathered, stars kept, wallets let follow; a chunk of accounts at a time."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, StarTable
from accounts.operations.keep_ratings import keep_ratings
from accounts.queries.star_tables import get_star_table_of
from billing.models import StarRun
from billing.operations.wallets import follow_stars
from billing.queries.star_inputs import stage_star_inputs
from billing.queries.star_runs import is_later_month_rated
from kernel.clock import Month
from kernel.errors import DomainError

# So many wallets are locked at once, for a fraction of a second, while the hall stays open.
CHUNK_ACCOUNTS = 1_000
# What was charged in the last seconds of the month before is committed by then.
SETTLING = timedelta(hours=1)

_FIRST = uuid.UUID(int=0)


class RatingTooEarly(DomainError):
    """The month has not begun, or only this hour: what counts for it is not complete."""

    code = "RATING_TOO_EARLY"
    message = _("What happened before this month is not complete yet.")
    cure = _("Rate it from the second hour of its first day.")
    field = "month"


class RatingTooLate(DomainError):
    """A later month was rated: stars would go back in time."""

    code = "RATING_TOO_LATE"
    message = _("A later month has been rated already.")
    http_status = 409
    field = "month"


@dataclass(frozen=True, slots=True)
class Rated:
    """What a run did: accounts rated, those of them whose star changed, and overdrafts that followed."""

    accounts: int = 0
    changed: int = 0
    overdrafts: int = 0

    def __add__(self, other: "Rated") -> "Rated":
        return Rated(self.accounts + other.accounts, self.changed + other.changed, self.overdrafts + other.overdrafts)


def rate_stars(
    *,
    month: Month,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    chunk_accounts: int = CHUNK_ACCOUNTS,
    tells_customers: bool = True,
) -> Rated:
    """Rate every account for a month by the table in force, once, and let its wallet's overdraft follow.

    What counts lies before the month, so that it comes to the same whenever it runs. Each chunk is committed by itself
    and noted in the month's row: a run that died goes on where it ended, runs at once share the chunks, and a finished
    month run again rates only who is new.

    :param month: one that has begun, and the last that was rated or a later one.
    :param progress: called with (accounts done, accounts in all) after each chunk.
    :param chunk_accounts: accounts in one transaction.
    :param tells_customers: False for ratings of the past, which nobody waits for.
    :return: what this run did.
    :raises RatingTooEarly: the month begins later, or began within the last hour.
    :raises RatingTooLate: a later month was rated.
    :raises NotFound: no star table is in force.
    """
    if now < month.starts_at + SETTLING:
        raise RatingTooEarly
    if is_later_month_rated(month):
        raise RatingTooLate
    table = get_star_table_of(month)
    StarRun.objects.get_or_create(period_date=month.first_date, defaults={"started_at": now})
    StarRun.objects.filter(period_date=month.first_date, finished_at__isnull=False).update(
        done_through=None, finished_at=None
    )
    accounts, done, rated = Account.objects.count(), 0, Rated()
    while True:
        with transaction.atomic():
            run = StarRun.objects.select_for_update(no_key=True).get(period_date=month.first_date)
            chunk = _list_accounts(run.done_through or _FIRST, month, chunk_accounts)
            if not chunk:
                run.finished_at = run.finished_at or now
                run.save(update_fields=["finished_at"])
                return rated
            rated += _rate_chunk(chunk, month, table, tells_customers, now)
            run.done_through = chunk[-1]
            run.save(update_fields=["done_through"])
        done += len(chunk)
        if progress:
            progress(min(done, accounts), accounts)


def _list_accounts(after: uuid.UUID, month: Month, limit: int) -> list[uuid.UUID]:
    accounts = Account.objects.filter(id__gt=after, created_at__lt=month.starts_at)
    return list(accounts.order_by("id").values_list("id", flat=True)[:limit])


def _rate_chunk(chunk: list[uuid.UUID], month: Month, table: StarTable, tells_customers: bool, now: datetime) -> Rated:
    stage_star_inputs(account_ids=chunk, month=month, table=table)
    kept = keep_ratings(month=month, table=table, tells_customers=tells_customers, now=now)
    overdrafts = {one.account_id: one.overdraft_fen for one in kept}
    followed = follow_stars(overdrafts=overdrafts, reason=f"star rating {month}", now=now)
    return Rated(len(kept), sum(one.star != one.previous_star for one in kept), followed)
