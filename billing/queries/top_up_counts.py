"""Counts the money that came in, by the way it was paid and by where the customer was."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

# The ledger says what was credited when, and lies in order of time; the top-up says by which way it came.
_CREDITED = """
SELECT top_up.provider, top_up.channel, (entry.posted_at AT TIME ZONE 'Asia/Shanghai')::date,
       count(*), sum(entry.amount_fen)::bigint
  FROM billing_ledger_entry AS entry
  JOIN billing_top_up AS top_up ON top_up.account_id = entry.account_id AND top_up.id = entry.reason_id
 WHERE entry.posted_at >= %(starts_at)s AND entry.posted_at < %(ends_at)s
   AND entry.reason_kind = 'TOP_UP' AND entry.bucket = 'CASH' AND entry.amount_fen > 0
 GROUP BY 1, 2, 3
 ORDER BY 5 DESC, 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class CreditedTopUps:
    """Top-ups of one day that came by one way on one channel.

    :ivar provider: payment provider, or PARTNER.
    """

    provider: str
    channel: str
    day: date
    count: int
    amount_fen: int


def count_top_ups(starts_at: datetime, ends_at: datetime) -> list[CreditedTopUps]:
    """Return what was credited within [starts_at, ends_at), by way, channel and day in Shanghai."""
    with connection.cursor() as cursor:
        cursor.execute(_CREDITED, {"starts_at": starts_at, "ends_at": ends_at})
        return [CreditedTopUps(*row) for row in cursor.fetchall()]
