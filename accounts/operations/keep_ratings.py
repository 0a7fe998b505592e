"""Keeps ratings: what every account of a chunk was given, once for a month, and tells whose star changed."""

import uuid
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import StarTable
from accounts.texts import STAR_CHANGED, STAR_GIVEN
from kernel.clock import SHANGHAI, Month
from messaging.operations.queue_sms_of_rows import queue_sms_of_rows
from messaging.texts import CHINESE, ENGLISH, day_words

_INSERT = """
    INSERT INTO accounts_star_rating (
        account_id, period_date, table_id, months_on_network, has_real_name, average_spend_fen, late_months,
        suspensions, months_points, real_name_points, spend_points, late_points, suspension_points, points, star,
        overdraft_fen, is_first, previous_star, valid_until, rated_at
    )
    SELECT rated.account_id, %(period)s, %(table)s, rated.months_on_network, rated.has_real_name,
           rated.average_spend_fen, rated.late_months, rated.suspensions, rated.months_points, rated.real_name_points,
           rated.spend_points, rated.late_points, rated.suspension_points, rated.points, rated.star,
           rated.overdraft_fen, before.account_id IS NULL,
           CASE WHEN before.valid_until > %(period)s THEN before.star END, %(valid_until)s, %(now)s
      FROM accounts_rate_stars(%(table)s) AS rated
      LEFT JOIN LATERAL (
          SELECT earlier.account_id, earlier.star, earlier.valid_until
            FROM accounts_star_rating AS earlier
           WHERE earlier.account_id = rated.account_id AND earlier.period_date < %(period)s
           ORDER BY earlier.period_date DESC
           LIMIT 1
      ) AS before ON true
    ON CONFLICT (account_id, period_date) DO NOTHING
    RETURNING account_id, star, previous_star, overdraft_fen
"""
# Of each account the oldest line in use. Whoever is rated for the first time in the house is not told: nothing changed.
_CHANGED = """
    SELECT rating.account_id, line.msisdn, line.language, rating.star::text AS star,
           rating.previous_star::text AS before, round(rating.overdraft_fen / 100.0, 2)::text AS overdraft,
           CASE line.language WHEN 'en' THEN %(until_in_english)s ELSE %(until_in_chinese)s END AS until
      FROM accounts_star_rating AS rating
      JOIN LATERAL (
          SELECT msisdn, language FROM accounts_line
           WHERE account_id = rating.account_id AND state <> 'CLOSED'
           ORDER BY id
           LIMIT 1
      ) AS line ON true
     WHERE rating.account_id = ANY (%(accounts)s::uuid[]) AND rating.period_date = %(period)s
       AND NOT rating.is_first AND rating.star <> coalesce(rating.previous_star, 0)
       AND rating.previous_star IS {previous}
"""


class KeptRating(NamedTuple):
    """What an account was given.

    :ivar star: None: it is not with us long enough.
    :ivar overdraft_fen: how far below zero its wallet may go.
    """

    account_id: uuid.UUID
    star: int | None
    previous_star: int | None
    overdraft_fen: int


def keep_ratings(*, month: Month, table: StarTable, tells_customers: bool, now: datetime) -> list[KeptRating]:
    """Rate the accounts whose inputs stand in the temporary table `star_input`, and keep the ratings of a month.

    Accounts that have the month's rating keep it. Whose star changed is told by one text, if wanted. In the caller's
    transaction, which lets their wallets follow.

    :param month: what happened before it counts.
    :param tells_customers: False where nobody waits for a text.
    :return: the ratings that were made by this call.
    """
    valid_until = _months_after(month, table.valid_months)
    values: dict[str, Any] = {"period": month.first_date, "table": table.id, "valid_until": valid_until, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        kept = [KeptRating(*row) for row in cursor.fetchall()]
    if tells_customers:
        _tell([one.account_id for one in kept if one.star and one.star != one.previous_star], month, valid_until, now)
    return kept


def _tell(accounts: list[uuid.UUID], month: Month, valid_until: date, now: datetime) -> None:
    if not accounts:
        return
    until = datetime(valid_until.year, valid_until.month, valid_until.day, tzinfo=SHANGHAI)
    values = {
        "accounts": accounts,
        "period": month.first_date,
        "until_in_chinese": f"{until.year}年{day_words(CHINESE, until)}",
        "until_in_english": f"{day_words(ENGLISH, until)} {until.year}",
    }
    for template, previous in ((STAR_CHANGED, "NOT NULL"), (STAR_GIVEN, "NULL")):
        rows = _CHANGED.format(previous=previous)
        queue_sms_of_rows(template=template, rows=rows, values=values, dedup_key=f"star:{month}", now=now)


def _months_after(month: Month, months: int) -> date:
    for _step in range(months):
        month = month.next
    return month.first_date
