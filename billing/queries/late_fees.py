"""Reads for how many days what was paid late (违约金) was owed, and what the operator asks for a day."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from kernel.clock import Month
from kernel.money import round_half_up

# 0.3 % a day, by law.
MOST_PER_TEN_THOUSAND = 30

# Days are those of Asia/Shanghai. What stands on a bill is late from the day after its due date; the day on which it is
# paid is not counted any more. A late fee is never late.
_LATE = """
    SELECT owed.account_id, line.id, line.msisdn, line.language, owed.fen_days, owed.oldest_charge_id
      FROM (
          SELECT late.account_id, sum(late.amount_fen * late.days)::bigint AS fen_days,
                 (array_agg(late.id ORDER BY late.charged_at, late.id))[1] AS oldest_charge_id
            FROM (
                SELECT charge.account_id, charge.id, charge.charged_at, charge.amount_fen,
                       least(coalesce((charge.settled_at AT TIME ZONE 'Asia/Shanghai')::date, %(next)s), %(next)s)
                       - greatest((billed.period_date + interval '1 month')::date + %(grace_days)s, %(first)s) AS days
                  FROM billing_charge AS charge
                  JOIN billing_bill_line AS billed
                    ON billed.account_id = charge.account_id AND billed.charge_id = charge.id
                 WHERE charge.account_id > %(after)s AND charge.charged_at < %(starts_at)s
                   AND charge.reason <> 'LATE_FEE'
                   AND (charge.settled_at IS NULL
                        OR charge.settled_at > charge.charged_at AND charge.settled_at >= %(starts_at)s)
            ) AS late
           WHERE late.days > 0
             AND NOT EXISTS (
                 SELECT FROM billing_charge AS fee
                  WHERE fee.account_id = late.account_id AND fee.charge_key = %(charge_key)s
             )
           GROUP BY late.account_id
      ) AS owed
      JOIN LATERAL (
          SELECT id, msisdn, language FROM accounts_line
           WHERE account_id = owed.account_id AND state <> 'CLOSED'
           ORDER BY id
           LIMIT 1
      ) AS line ON true
     ORDER BY owed.account_id
     LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class LateMonth:
    """What an account owed too long in a month, and its oldest line in use.

    :ivar fen_days: sum of each late charge's fen times its late days.
    :ivar oldest_charge_id: the charge that was owed for longest.
    """

    account_id: uuid.UUID
    line_id: uuid.UUID
    msisdn: str
    language: str
    fen_days: int
    oldest_charge_id: uuid.UUID


def get_late_fee_rate() -> int:
    """Return what a day costs in ten-thousandths (万分之几); 0 is nothing.

    :raises ImproperlyConfigured: LATE_FEE_PER_TEN_THOUSAND is more than the law allows, or below zero.
    """
    rate: int = settings.LATE_FEE_PER_TEN_THOUSAND
    if not 0 <= rate <= MOST_PER_TEN_THOUSAND:
        raise ImproperlyConfigured(
            f"LATE_FEE_PER_TEN_THOUSAND is {rate}; the law allows from 0 to {MOST_PER_TEN_THOUSAND} (0.3 % a day)."
        )
    return rate


def get_late_fee(fen_days: int, rate: int) -> int:
    """Return the fee in fen for fen times days, rounded half up, once."""
    return round_half_up(fen_days * rate, 10_000)


def get_late_fee_key(month: Month) -> str:
    """Return the charge key of a month's late fee: one for an account."""
    return f"late-fee:{month}"


def list_late_months(month: Month, after: uuid.UUID, limit: int) -> list[LateMonth]:
    """Return what was owed too long in a month that has ended, where no late fee was charged for it.

    An account without a line in use is left out: nobody could be told.

    :param after: accounts beyond this one, in their order.
    """
    values: dict[str, Any] = {
        "first": month.first_date,
        "next": month.next.first_date,
        "starts_at": month.starts_at,
        "grace_days": settings.LATE_FEE_AFTER_DAYS,
        "charge_key": get_late_fee_key(month),
        "after": after,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LATE, values)
        return [LateMonth(*row) for row in cursor.fetchall()]
