"""Which bills the law asks to warn of: more than five times the average of the three months before."""

import uuid
from collections.abc import Collection, Sequence

from billing.models import Bill
from kernel.clock import Month
from kernel.money import round_half_up

TIMES = 5
MONTHS = 3


def is_unusual(total_fen: int, before_fen: Sequence[int]) -> bool:
    """Whether a bill asks for a warning.

    :param before_fen: totals of the bills of the three months before; with fewer there is no average to speak of.
    """
    return len(before_fen) == MONTHS and total_fen * MONTHS > TIMES * sum(before_fen)


def average_fen(before_fen: Sequence[int]) -> int:
    """Return the average of some bills in fen, rounded once."""
    return round_half_up(sum(before_fen), len(before_fen))


def list_totals_before(account_ids: Collection[uuid.UUID], month: Month) -> dict[uuid.UUID, list[int]]:
    """Return by account the totals in fen of its bills of the three months before; accounts without are left out."""
    earliest = month
    for _step in range(MONTHS):
        earliest = earliest.previous
    totals: dict[uuid.UUID, list[int]] = {}
    bills = Bill.objects.filter(
        account_id__in=account_ids, period_date__gte=earliest.first_date, period_date__lt=month.first_date
    )
    for account_id, total_fen in bills.values_list("account_id", "total_fen"):
        totals.setdefault(account_id, []).append(total_fen)
    return totals


def get_usual_fen(account_id: uuid.UUID, month: Month, total_fen: int) -> int | None:
    """Return the average that a bill exceeds more than five times, None when it does not.

    :param total_fen: of the bill of the month.
    """
    before_fen = list_totals_before([account_id], month).get(account_id, [])
    return average_fen(before_fen) if is_unusual(total_fen, before_fen) else None
