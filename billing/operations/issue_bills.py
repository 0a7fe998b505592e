"""Makes the bills of a month: set-based, a chunk of accounts at a time, one bill per account whatever is run again."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.models import BillHead, BillRun
from billing.operations.bill_texts import queue_bill_texts
from kernel.clock import Month
from kernel.errors import DomainError

# Small enough that a top-up never waits long for the disk behind a chunk's commit.
CHUNK_ACCOUNTS = 2_000
# A charge counts by the instant its work began, and may be committed a little after the month's bills were made. The
# next bill looks back this far for such charges.
LOOK_BACK = timedelta(days=1)

_FIRST = uuid.UUID(int=0)
_LAST = uuid.UUID(int=2**128 - 1)

_END_OF_CHUNK = "SELECT id FROM accounts_account WHERE id > %s ORDER BY id LIMIT 1 OFFSET %s"
# Counts and sums for one account at a time, by the primary key, instead of joins and NOT EXISTS: of a month that is
# just being billed the planner's statistics say that it has no rows, and it would compare every row with every row.
_COUNT = """
    SELECT count(*), coalesce(sum((
               SELECT count(*) FROM billing_bill AS issued
                WHERE issued.account_id = account.id AND issued.period_date = %(period)s
           )), 0)
      FROM accounts_account AS account
     WHERE account.id > %(after)s AND account.id <= %(until)s AND account.created_at < %(ends_at)s
"""
_INSERT_LINES = """
    INSERT INTO billing_bill_line (
        account_id, period_date, number, head, name, provider_name, amount_fen, line_id, msisdn, charge_id
    )
    SELECT account_id,
           %(period)s,
           row_number() OVER (
               PARTITION BY account_id ORDER BY array_position(%(heads)s::text[], head::text), charged_at, id
           ),
           head, name, provider_name, amount_fen, line_id, msisdn, id
      FROM (
          SELECT account_id, head, name, provider_name, amount_fen, line_id, msisdn, id, charged_at
            FROM billing_charge AS charge
           WHERE account_id > %(after)s AND account_id <= %(until)s
             AND charged_at >= %(looks_back_to)s AND charged_at < %(ends_at)s
             AND (charged_at >= %(starts_at)s OR (
                 0 < (
                     SELECT count(*) FROM billing_bill AS previous
                      WHERE previous.account_id = charge.account_id AND previous.period_date = %(previous)s
                 ) AND 0 = (
                     SELECT count(*) FROM billing_bill_line AS billed
                      WHERE billed.account_id = charge.account_id AND billed.charge_id = charge.id
                 )
             ))
          UNION ALL
          SELECT account_id, 'OTHER', left(words, 120), '', -amount_fen, line_id, msisdn, id, checked_at
            FROM billing_adjustment AS adjustment
           WHERE account_id > %(after)s AND account_id <= %(until)s
             AND state = 'POSTED' AND checked_at < %(ends_at)s
             AND 0 = (
                 SELECT count(*) FROM billing_bill_line AS billed
                  WHERE billed.account_id = adjustment.account_id AND billed.charge_id = adjustment.id
             )
      ) AS due
"""
# For a chunk in which some accounts have the bill already.
_INSERT_MISSING_LINES = f"""
    {_INSERT_LINES}
     WHERE 0 = (
         SELECT count(*) FROM billing_bill AS issued
          WHERE issued.account_id = due.account_id AND issued.period_date = %(period)s
     )
"""  # noqa: S608 (our own text)
# From the lines just made, not from the charges again: a charge committed meanwhile is on neither.
_INSERT_HEADERS = """
    INSERT INTO billing_bill (account_id, period_date, total_fen, issued_at)
    SELECT account.id,
           %(period)s,
           (
               SELECT coalesce(sum(line.amount_fen), 0) FROM billing_bill_line AS line
                WHERE line.account_id = account.id AND line.period_date = %(period)s
           ),
           %(now)s
      FROM accounts_account AS account
     WHERE account.id > %(after)s AND account.id <= %(until)s AND account.created_at < %(ends_at)s
    ON CONFLICT (account_id, period_date) DO NOTHING
"""


class MonthNotEnded(DomainError):
    """The month is still running, or has not begun: its charges are not complete."""

    code = "MONTH_NOT_ENDED"
    message = _("This month has not ended yet.")
    cure = _("Issue its bills from the first day of the next month.")
    field = "month"


def issue_bills(
    *,
    month: Month,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    chunk_accounts: int = CHUNK_ACCOUNTS,
    tells_customers: bool = True,
) -> int:
    """Issue the bill of every account that was open in a month, charges or none. Accounts that have it are left alone.

    Each bill is told by exactly one text. Each chunk is committed by itself, so a run that dies is simply run again.

    :param month: one that has ended.
    :param progress: called with (accounts done, accounts in all) after each chunk.
    :param chunk_accounts: accounts in one transaction.
    :param tells_customers: False for a month that was brought in from another system, which has told them. What the
        first run of a month says holds for all of its runs.
    :return: how many bills were issued by this run.
    :raises MonthNotEnded: its charges are not complete.
    """
    if now < month.ends_at:
        raise MonthNotEnded
    BillRun.objects.get_or_create(
        period_date=month.first_date, defaults={"started_at": now, "tells_customers": tells_customers}
    )
    accounts = Account.objects.count()
    issued, done, after = 0, 0, _FIRST
    while after != _LAST:
        until = _end_of_chunk(after, chunk_accounts)
        issued += _issue_chunk(month, after, until, now)
        after, done = until, min(done + chunk_accounts, accounts)
        if progress:
            progress(done, accounts)
    BillRun.objects.filter(period_date=month.first_date, finished_at=None).update(finished_at=now)
    return issued


def _end_of_chunk(after: uuid.UUID, chunk_accounts: int) -> uuid.UUID:
    with connection.cursor() as cursor:
        cursor.execute(_END_OF_CHUNK, [after, chunk_accounts - 1])
        row = cursor.fetchone()
    return row[0] if row else _LAST


def _take_turn(month: Month) -> BillRun:
    """Wait until no other run makes bills of the month."""
    return BillRun.objects.select_for_update(no_key=True).get(period_date=month.first_date)


def _issue_chunk(month: Month, after: uuid.UUID, until: uuid.UUID, now: datetime) -> int:
    values: dict[str, Any] = {
        "period": month.first_date,
        "previous": month.previous.first_date,
        "starts_at": month.starts_at,
        "ends_at": month.ends_at,
        "looks_back_to": month.starts_at - LOOK_BACK,
        "heads": list(BillHead.values),
        "after": after,
        "until": until,
        "now": now,
    }
    with transaction.atomic():
        run = _take_turn(month)
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, values)
            accounts, have_it = cursor.fetchone()
            if accounts == have_it:
                return 0
            cursor.execute(_INSERT_MISSING_LINES if have_it else _INSERT_LINES, values)
            cursor.execute(_INSERT_HEADERS, values)
            issued = int(cursor.rowcount)
        if run.tells_customers:
            queue_bill_texts(month=month, after=after, until=until, issued_at=now)
    return issued
