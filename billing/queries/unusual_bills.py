"""Which bills the law asks to warn of: more than five times the average of the three months before."""

import uuid
from typing import Any

from django.db import connection

from kernel.clock import Month
from kernel.money import round_half_up

TIMES = 5
MONTHS = 3

# With fewer than three bills before there is no average to speak of. Corrections may bring it below zero; then it is
# nothing, as of months without charges.
_UNUSUAL = """
    SELECT bill.account_id, greatest(sum(earlier.total_fen), 0)::bigint
      FROM billing_bill AS bill
      JOIN billing_bill AS earlier ON earlier.account_id = bill.account_id
       AND earlier.period_date >= %(earliest)s AND earlier.period_date < %(period)s
     WHERE bill.account_id >= %(first)s AND bill.account_id <= %(last)s AND bill.period_date = %(period)s
     GROUP BY bill.account_id, bill.total_fen
    HAVING count(*) = %(months)s AND bill.total_fen * %(months)s > %(times)s * greatest(sum(earlier.total_fen), 0)
"""


def list_unusual_bills(first: uuid.UUID, last: uuid.UUID, month: Month) -> dict[uuid.UUID, int]:
    """Return accounts from `first` to `last` whose bill of a month asks for a warning, and their average in fen."""
    earliest = month
    for _step in range(MONTHS):
        earliest = earliest.previous
    values: dict[str, Any] = {
        "first": first,
        "last": last,
        "period": month.first_date,
        "earliest": earliest.first_date,
        "months": MONTHS,
        "times": TIMES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNUSUAL, values)
        return {account_id: round_half_up(before_fen, MONTHS) for account_id, before_fen in cursor.fetchall()}


def get_usual_fen(account_id: uuid.UUID, month: Month) -> int | None:
    """Return the average in fen that a bill exceeds more than five times, None when it does not."""
    return list_unusual_bills(account_id, account_id, month).get(account_id)
