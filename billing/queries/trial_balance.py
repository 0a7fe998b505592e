"""The trial balance (试算平衡): what each counterpart gave and took on each day, between two balances of the wallets.

The closing balance is what the wallets hold now without what was posted after the last day. The opening balance is read
backwards from there, so that only what was posted since the first day is read, however long the history; or, to prove
it, forwards from the first entry ever. Then both ways have to meet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Counterpart, MoneyBucket
from kernel.clock import SHANGHAI
from kernel.errors import DomainError, Text

# A posting counts by the instant its work began, and may be committed a little later.
CLOSES_AFTER = timedelta(minutes=10)
LONGEST_DAYS = 366
_QUERY_CANCELED = "57014"
_THE_FIRST = datetime(1970, 1, 1, tzinfo=SHANGHAI)

# One statement, so that wallets and entries are of one instant.
_TOTALS = """
    WITH moved AS (
        SELECT CASE WHEN posted_at < %(starts_at)s THEN 'BEFORE' WHEN posted_at < %(ends_at)s THEN 'MOVED' ELSE 'AFTER'
               END AS what,
               CASE WHEN posted_at >= %(starts_at)s AND posted_at < %(ends_at)s
                    THEN (posted_at AT TIME ZONE 'Asia/Shanghai')::date END AS day,
               counterpart, bucket,
               coalesce(sum(amount_fen) FILTER (WHERE amount_fen > 0), 0) AS in_fen,
               coalesce(-sum(amount_fen) FILTER (WHERE amount_fen < 0), 0) AS out_fen,
               count(*) AS entries
          FROM billing_ledger_entry
         WHERE posted_at >= %(reads_from)s
         GROUP BY 1, 2, 3, 4
    )
    SELECT 'HELD' AS what, NULL AS day, '' AS counterpart, bucket, fen AS in_fen, 0 AS out_fen, 0 AS entries
      FROM (
               SELECT coalesce(sum(cash_fen), 0) AS cash, coalesce(sum(bonus_fen), 0) AS bonus FROM billing_wallet
           ) AS held,
           LATERAL (VALUES ('CASH', cash), ('BONUS', bonus)) AS each (bucket, fen)
     UNION ALL
    SELECT what, day, counterpart, bucket, in_fen, out_fen, entries FROM moved
     ORDER BY day, counterpart, bucket
"""


class PeriodNotClosed(DomainError):
    """The last day is still running, or has hardly ended."""

    code = "PERIOD_NOT_CLOSED"
    message = _("The last day is not closed yet.")
    cure = _("A day is closed ten minutes after midnight.")
    field = "last_date"


class PeriodInvalid(DomainError):
    """The period ends before it begins, or is too long."""

    code = "PERIOD_INVALID"
    message = _("Enter a first day and a later last day, a year apart at most.")
    field = "first_date"


class HistoryTooLong(DomainError):
    """Adding up so many entries takes longer than whoever asked would wait."""

    code = "HISTORY_TOO_LONG"
    message = _("There are too many entries to add up while you wait.")
    cure = _("Ask without the proof, or run manage.py trial_balance.")
    http_status = 503
    field = "prove"


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """What a counterpart gave to and took from one kind of money on one day, in fen; both are positive."""

    day: date
    counterpart: str
    bucket: MoneyBucket
    in_fen: int
    out_fen: int
    entries: int

    @property
    def counterpart_label(self) -> Text:
        """The counterpart in words; a code that the books should not have stays as it is."""
        return Counterpart(self.counterpart).label if self.counterpart in Counterpart.values else self.counterpart

    @property
    def net_fen(self) -> int:
        """What the wallets gained."""
        return self.in_fen - self.out_fen


@dataclass(frozen=True, slots=True)
class BucketBalance:
    """One kind of money over the days: what all wallets held before and after, and what moved.

    :ivar difference_fen: what the wallets hold and no entry explains, None when that was not looked at. Anything but
        zero is a fault of the books.
    """

    bucket: MoneyBucket
    opening_fen: int
    in_fen: int
    out_fen: int
    closing_fen: int
    difference_fen: int | None


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The days from `first_date` to `last_date`, both included; `rows` by day, counterpart and kind of money."""

    first_date: date
    last_date: date
    rows: tuple[TrialBalanceRow, ...]
    buckets: tuple[BucketBalance, ...]

    @property
    def counterparts(self) -> tuple[tuple[Counterpart, int, int], ...]:
        """(counterpart, fen in, fen out) over all days and kinds of money, for each that moved."""
        totals = {
            counterpart: (
                sum(row.in_fen for row in self.rows if row.counterpart == counterpart),
                sum(row.out_fen for row in self.rows if row.counterpart == counterpart),
            )
            for counterpart in Counterpart
        }
        return tuple((counterpart, *sums) for counterpart, sums in totals.items() if sums != (0, 0))

    @property
    def closes(self) -> bool | None:
        """Whether the books explain what the wallets hold; None when that was not looked at."""
        differences = [bucket.difference_fen for bucket in self.buckets]
        return None if None in differences else not any(differences)


def get_trial_balance(
    *, first_date: date, last_date: date, now: datetime, prove: bool = False, patience_seconds: int = 20
) -> TrialBalance:
    """Return the trial balance of closed days, cut at midnight in Shanghai.

    :param last_date: included.
    :param prove: add up every entry before the first day as well.
    :param patience_seconds: how long it may take; 0 is as long as it takes.
    :raises PeriodInvalid: it ends before it begins, or is longer than LONGEST_DAYS.
    :raises PeriodNotClosed: its last day has not ended, or less than CLOSES_AFTER ago.
    :raises HistoryTooLong: there was not patience enough.
    """
    if not timedelta(0) <= last_date - first_date < timedelta(days=LONGEST_DAYS):
        raise PeriodInvalid
    starts_at, ends_at = _midnight(first_date), _midnight(last_date + timedelta(days=1))
    if now < ends_at + CLOSES_AFTER:
        raise PeriodNotClosed
    reads_from = _THE_FIRST if prove else starts_at
    nets: dict[tuple[str, MoneyBucket], int] = {}
    rows: list[TrialBalanceRow] = []
    for what, day, counterpart, bucket, in_fen, out_fen, entries in _totals(
        starts_at, ends_at, reads_from, patience_seconds
    ):
        row = TrialBalanceRow(day, counterpart, MoneyBucket(bucket), int(in_fen), int(out_fen), entries)
        nets[what, row.bucket] = nets.get((what, row.bucket), 0) + row.net_fen
        if what == "MOVED":
            rows.append(row)
    buckets = tuple(_balance(bucket, nets, rows, prove=prove) for bucket in MoneyBucket)
    return TrialBalance(first_date, last_date, tuple(rows), buckets)


def _balance(
    bucket: MoneyBucket, nets: Mapping[tuple[str, MoneyBucket], int], rows: Sequence[TrialBalanceRow], *, prove: bool
) -> BucketBalance:
    in_fen = sum(row.in_fen for row in rows if row.bucket is bucket)
    out_fen = sum(row.out_fen for row in rows if row.bucket is bucket)
    closing_fen = nets["HELD", bucket] - nets.get(("AFTER", bucket), 0)
    opening_fen = nets.get(("BEFORE", bucket), 0) if prove else closing_fen - in_fen + out_fen
    difference_fen = closing_fen - opening_fen - in_fen + out_fen if prove else None
    return BucketBalance(bucket, opening_fen, in_fen, out_fen, closing_fen, difference_fen)


def _totals(
    starts_at: datetime, ends_at: datetime, reads_from: datetime, patience_seconds: int
) -> list[tuple[Any, ...]]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Compiling the statement takes longer than a year of a small hall.
            cursor.execute("SET LOCAL jit = off")
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{patience_seconds}s"])
            cursor.execute(_TOTALS, {"starts_at": starts_at, "ends_at": ends_at, "reads_from": reads_from})
            rows: list[tuple[Any, ...]] = cursor.fetchall()
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != _QUERY_CANCELED:
            raise
        raise HistoryTooLong from error
    return rows


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
