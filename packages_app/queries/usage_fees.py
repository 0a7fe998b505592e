"""What use beyond the plan costs a line this month, and how much of it may be charged."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from kernel.clock import Month, month_of
from kernel.errors import NotFound
from packages_app.models import UsageFee

_MONTH_FEE = """
    SELECT coalesce(sum(fee_fen), 0)::bigint, cap.cap_fen, cap.next_cap_fen, cap.lifts
      FROM packages_cap_of(%(account)s, %(line)s, %(period)s, %(house_cap)s) AS cap
      LEFT JOIN packages_priced_usage AS priced
        ON priced.account_id = %(account)s AND priced.line_id = %(line)s AND priced.period_date = %(period)s
     GROUP BY cap.cap_fen, cap.next_cap_fen, cap.lifts
"""
_LIST_STOPPED = """
    SELECT fee.account_id, fee.line_id
      FROM (
          SELECT account_id, line_id, period_date, sum(fee_fen) AS fee_fen
            FROM packages_priced_usage
           WHERE period_date = %s
           GROUP BY account_id, line_id, period_date
      ) AS fee
     CROSS JOIN LATERAL packages_cap_of(fee.account_id, fee.line_id, fee.period_date, %s) AS cap
     WHERE fee.fee_fen > 0 AND fee.fee_fen >= cap.cap_fen
     ORDER BY fee.account_id, fee.line_id
"""


@dataclass(frozen=True, slots=True)
class MonthFee:
    """A line's use beyond the plan in a month.

    :ivar fee_fen: what it would cost without a cap.
    :ivar cap_fen: what may be charged at most, as it is now; `next_cap_fen` after one more lift.
    :ivar lifts: how many times the customer let the cap rise this month.
    """

    month: Month
    fee_fen: int
    cap_fen: int
    next_cap_fen: int
    lifts: int

    @property
    def is_stopped(self) -> bool:
        """The cap is reached: such use is stopped, and nothing more is charged."""
        return 0 < self.fee_fen >= self.cap_fen

    @property
    def charged_fen(self) -> int:
        """What of it is charged in the end."""
        return min(self.fee_fen, self.cap_fen)


def get_month_fee(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> MonthFee:
    """Return what a line's use beyond the plan costs in the month of `now`; one query."""
    month = month_of(now)
    values = {"account": account_id, "line": line_id, "period": month.first_date, "house_cap": settings.USAGE_CAP_FEN}
    with connection.cursor() as cursor:
        cursor.execute(_MONTH_FEE, values)
        return MonthFee(month, *cursor.fetchone())


def get_usage_fee(account_id: uuid.UUID, line_id: uuid.UUID, fee_id: uuid.UUID) -> UsageFee:
    """Return the fee that a charge of a line names as its reason.

    :raises NotFound: the line has no such fee.
    """
    fee = UsageFee.objects.filter(account_id=account_id, line_id=line_id, id=fee_id).first()
    if fee is None:
        raise NotFound
    return fee


def list_stopped_lines(now: datetime) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return (account, line) of all lines whose use beyond the plan is stopped in the month of `now`.

    For the network, which so finds what a lost notice did not say.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LIST_STOPPED, [month_of(now).first_date, settings.USAGE_CAP_FEN])
        return [(account_id, line_id) for account_id, line_id in cursor.fetchall()]
