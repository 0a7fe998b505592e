"""Gathers what accounts are rated by: all of it happened before the month, so that it comes out the same whenever."""

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import connection

from accounts.models import StarTable
from kernel.clock import Month

_STAGE = """
    DROP TABLE IF EXISTS star_input;
    CREATE TEMPORARY TABLE star_input (
        account_id uuid, months_on_network integer, has_real_name boolean, average_spend_fen bigint,
        late_months smallint, suspensions smallint
    ) ON COMMIT DROP
"""
# Months are those of Asia/Shanghai. A number that came from somebody else's account brings no months with it. A bill is
# late from the day after its due date, and late fees are nobody's spend. Suspensions are those for money owed: its
# steps are one, and so are the lines of an account on a day.
_GATHER = """
    INSERT INTO star_input
    SELECT known.account_id, known.months,
           EXISTS (
               SELECT FROM accounts_identity_document AS document
                WHERE document.account_id = known.account_id AND document.recorded_at < %(starts_at)s
           ),
           (2 * coalesce(charged.spend_fen, 0) + known.divisor) / (2 * known.divisor),
           coalesce(charged.late_months, 0), suspended.times
      FROM (
          SELECT with_us.account_id, with_us.months,
                 least(greatest(with_us.months, 1), %(looks_back)s)::bigint AS divisor
            FROM (
                SELECT since.account_id,
                       (12 * (%(year)s - extract(year FROM since.at)) + %(month)s - extract(month FROM since.at)
                        - (since.at > date_trunc('month', since.at))::integer)::integer AS months
                  FROM (
                      SELECT account.id AS account_id,
                             greatest(account.created_at, min(line.activated_at)) AT TIME ZONE 'Asia/Shanghai' AS at
                        FROM accounts_account AS account
                        JOIN accounts_line AS line ON line.account_id = account.id AND line.state <> 'CLOSED'
                       WHERE account.id = ANY (%(accounts)s::uuid[])
                       GROUP BY account.id
                  ) AS since
                 WHERE since.at < %(starts_on)s
            ) AS with_us
      ) AS known
      LEFT JOIN LATERAL (
          SELECT sum(charge.amount_fen) FILTER (WHERE charge.reason <> 'LATE_FEE')::bigint AS spend_fen,
                 count(DISTINCT due.month) FILTER (
                     WHERE due.late_at <= %(starts_at)s AND coalesce(charge.settled_at, 'infinity') >= due.late_at
                 ) AS late_months
            FROM billing_charge AS charge
           CROSS JOIN LATERAL (
               SELECT date_trunc('month', charge.charged_at AT TIME ZONE 'Asia/Shanghai') AS month
           ) AS charged_in
           CROSS JOIN LATERAL (
               SELECT charged_in.month,
                      (charged_in.month + interval '1 month' + %(grace_days)s * interval '1 day')
                      AT TIME ZONE 'Asia/Shanghai' AS late_at
           ) AS due
           WHERE charge.account_id = known.account_id
             AND charge.charged_at >= %(looks_back_to)s AND charge.charged_at < %(starts_at)s
      ) AS charged ON true
     CROSS JOIN LATERAL (
         SELECT count(DISTINCT (bar.started_at AT TIME ZONE 'Asia/Shanghai')::date) AS times
           FROM accounts_bar AS bar
          WHERE bar.account_id = known.account_id AND bar.reason LIKE 'ARREARS%%'
            AND bar.started_at >= %(looks_back_to)s AND bar.started_at < %(starts_at)s
            AND NOT EXISTS (
                SELECT FROM accounts_bar AS milder
                 WHERE milder.account_id = bar.account_id AND milder.line_id = bar.line_id
                   AND milder.reason LIKE 'ARREARS%%' AND milder.started_at < bar.started_at
                   AND coalesce(milder.ended_at, 'infinity') >= bar.started_at
            )
     ) AS suspended
"""


def stage_star_inputs(*, account_ids: Sequence[uuid.UUID], month: Month, table: StarTable) -> None:
    """Copy the inputs of accounts into the temporary table `star_input`, in the caller's transaction.

    Accounts that have no line in use, or were opened in the month or later, are left out.

    :param month: the month to be rated; what happened before it counts.
    :param table: says how many months are looked back.
    """
    first = month
    for _step in range(table.looks_back_months):
        first = first.previous
    values = {
        "accounts": list(account_ids),
        "year": month.year,
        "month": month.month,
        "starts_on": month.first_date,
        "starts_at": month.starts_at,
        "looks_back": table.looks_back_months,
        "looks_back_to": first.starts_at,
        "grace_days": settings.LATE_FEE_AFTER_DAYS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        cursor.execute(_GATHER, values)
