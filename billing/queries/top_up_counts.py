"""Counts the money that came in, by the way it was paid."""

from datetime import datetime

from django.db import connection

# The ledger says what was credited when, and lies in order of time; the top-up says by which way it came.
_BY_PROVIDER = """
SELECT top_up.provider, count(*), sum(entry.amount_fen)::bigint
  FROM billing_ledger_entry AS entry
  JOIN billing_top_up AS top_up ON top_up.account_id = entry.account_id AND top_up.id = entry.reason_id
 WHERE entry.posted_at >= %(starts_at)s AND entry.posted_at < %(ends_at)s
   AND entry.reason_kind = 'TOP_UP' AND entry.bucket = 'CASH' AND entry.amount_fen > 0
 GROUP BY top_up.provider
 ORDER BY 3 DESC, 1
"""


def count_top_ups_by_provider(starts_at: datetime, ends_at: datetime) -> list[tuple[str, int, int]]:
    """Return (provider, top-ups, fen) of what was credited within [starts_at, ends_at), the most money first."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_PROVIDER, {"starts_at": starts_at, "ends_at": ends_at})
        return [(str(provider), int(count), int(fen)) for provider, count, fen in cursor.fetchall()]
