"""Says why a bill differs from the one of the month before, to the fen: head by head, and each line with its reason."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from billing.models import BillHead, ChargeReason
from kernel.clock import Month

_LINES = """
    SELECT line.period_date = %(period)s AS is_new, line.number, line.head, line.name, line.provider_name,
           line.amount_fen, line.line_id, line.msisdn, line.charge_id, charge.reason, charge.reason_id,
           charge.charged_at, EXISTS (
               SELECT 1 FROM billing_charge AS fee
                WHERE fee.account_id = line.account_id AND fee.reason = 'SUBSCRIPTION'
                  AND fee.reason_id = charge.reason_id
           ) AS recurs
      FROM billing_bill_line AS line
      LEFT JOIN billing_charge AS charge ON charge.account_id = line.account_id AND charge.id = line.charge_id
     WHERE line.account_id = %(account)s AND line.period_date IN (%(period)s, %(previous)s)
     ORDER BY line.period_date DESC, line.number
"""
_IS_BILLED = "SELECT EXISTS (SELECT 1 FROM billing_bill WHERE account_id = %(account)s AND period_date = %(previous)s)"
_ORDERED = (ChargeReason.ORDER, ChargeReason.SUBSCRIPTION)


class DifferenceReason(models.TextChoices):
    """Why a line is dearer or cheaper than in the month before."""

    STARTED = "STARTED", _("new: charged every month until you cancel it")
    ORDERED = "ORDERED", _("ordered this month")
    ENDED = "ENDED", _("ended: it is not charged any more")
    PAID_ONCE_BEFORE = "PAID_ONCE_BEFORE", _("was paid once in the month before")
    FEE_CHANGED = "FEE_CHANGED", _("its fee is different")
    MORE_OFTEN = "MORE_OFTEN", _("charged more often than in the month before")
    LESS_OFTEN = "LESS_OFTEN", _("charged less often than in the month before")
    USED_MORE = "USED_MORE", _("you used more beyond your plan")
    USED_LESS = "USED_LESS", _("you used less beyond your plan")
    ADJUSTED = "ADJUSTED", _("correction or refund")
    ADJUSTED_BEFORE = "ADJUSTED_BEFORE", _("a correction or refund stood on the month before")
    BOOKED_LATE = "BOOKED_LATE", _("of the month before, booked after its bill")
    BOOKED_LATE_BEFORE = "BOOKED_LATE_BEFORE", _("an earlier charge stood on the bill of the month before")


@dataclass(frozen=True, slots=True)
class LineDifference:
    """What one thing cost in the month before and costs now, and why that differs. Amounts in fen."""

    head: BillHead
    name: str
    provider_name: str
    msisdn: str
    before_fen: int
    after_fen: int
    reason: DifferenceReason

    @property
    def difference_fen(self) -> int:
        return self.after_fen - self.before_fen


@dataclass(frozen=True, slots=True)
class HeadDifference:
    """One of the seven heads in both months; `lines` are those that differ, and add up to its difference."""

    place: int
    head: BillHead
    before_fen: int
    after_fen: int
    lines: tuple[LineDifference, ...]

    @property
    def difference_fen(self) -> int:
        return self.after_fen - self.before_fen


@dataclass(frozen=True, slots=True)
class BillComparison:
    """A bill beside that of the month before. Lines, heads and total differ by the same sum, to the fen."""

    month: Month
    heads: tuple[HeadDifference, ...]

    @property
    def before_fen(self) -> int:
        return sum(head.before_fen for head in self.heads)

    @property
    def after_fen(self) -> int:
        return sum(head.after_fen for head in self.heads)

    @property
    def difference_fen(self) -> int:
        return self.after_fen - self.before_fen

    @property
    def saved_fen(self) -> int:
        """How much less it is, below zero when it is more."""
        return -self.difference_fen

    @property
    def lines(self) -> tuple[LineDifference, ...]:
        """Every line that differs, in the order of the heads."""
        return tuple(line for head in self.heads for line in head.lines)


class _Row(NamedTuple):
    """A line of either bill with the charge behind it, of which a correction has none."""

    is_new: bool
    number: int
    head: str
    name: str
    provider_name: str
    amount_fen: int
    line_id: uuid.UUID
    msisdn: str
    charge_id: uuid.UUID
    reason: str | None
    reason_id: uuid.UUID | None
    charged_at: datetime | None
    recurs: bool


def get_bill_comparison(account_id: uuid.UUID, month: Month) -> BillComparison | None:
    """Compare the issued bill of a month with the one before it.

    :return: None when the account has no bill of the month before.
    """
    values: dict[str, Any] = {"account": account_id, "period": month.first_date, "previous": month.previous.first_date}
    with connection.cursor() as cursor:
        cursor.execute(_IS_BILLED, values)
        if cursor.fetchone() == (False,):
            return None
        cursor.execute(_LINES, values)
        rows = [_Row(*row) for row in cursor.fetchall()]
    heads = tuple(
        _compare_head(place, head, [row for row in rows if row.head == head], month)
        for place, head in enumerate(BillHead, start=1)
    )
    return BillComparison(month, heads)


def _compare_head(place: int, head: BillHead, rows: list[_Row], month: Month) -> HeadDifference:
    return HeadDifference(
        place, head, _sum(rows, is_new=False), _sum(rows, is_new=True), tuple(_differences(head, rows, month))
    )


def _differences(head: BillHead, rows: list[_Row], month: Month) -> Iterator[LineDifference]:
    """Yield what differs, this month's lines first."""
    in_order = {subject: place for place, subject in reversed(list(enumerate(_subject(row, month) for row in rows)))}
    rows = sorted(rows, key=lambda row: in_order[_subject(row, month)])
    for _same, grouped in groupby(rows, lambda row: in_order[_subject(row, month)]):
        group = list(grouped)
        before_fen, after_fen = _sum(group, is_new=False), _sum(group, is_new=True)
        if before_fen != after_fen:
            shown = group[0]
            reason = _reason(group, after_fen - before_fen, month)
            yield LineDifference(head, shown.name, shown.provider_name, shown.msisdn, before_fen, after_fen, reason)


def _subject(row: _Row, month: Month) -> tuple[object, ...]:
    """Return what makes lines of both months one thing: the service, the kind of use; all else stands alone."""
    if row.reason in _ORDERED and not _is_late(row, month):
        return "service", row.reason_id
    if row.reason == ChargeReason.USAGE and not _is_late(row, month):
        return "use", row.line_id, row.name, row.provider_name
    return "alone", row.charge_id


def _is_late(row: _Row, month: Month) -> bool:
    """Whether a charge stands on the bill after its own month's."""
    own = month if row.is_new else month.previous
    return row.charged_at is not None and row.charged_at < own.starts_at


def _reason(group: list[_Row], difference_fen: int, month: Month) -> DifferenceReason:
    shown = group[0]
    if shown.reason is None:
        return DifferenceReason.ADJUSTED if shown.is_new else DifferenceReason.ADJUSTED_BEFORE
    if _is_late(shown, month):
        return DifferenceReason.BOOKED_LATE if shown.is_new else DifferenceReason.BOOKED_LATE_BEFORE
    if shown.reason == ChargeReason.USAGE:
        return DifferenceReason.USED_MORE if difference_fen > 0 else DifferenceReason.USED_LESS
    before, after = ([row for row in group if row.is_new is is_new] for is_new in (False, True))
    recurs = any(row.recurs for row in group)
    if not before:
        return DifferenceReason.STARTED if recurs else DifferenceReason.ORDERED
    if not after:
        return DifferenceReason.ENDED if recurs else DifferenceReason.PAID_ONCE_BEFORE
    if len(before) == len(after):
        return DifferenceReason.FEE_CHANGED
    return DifferenceReason.MORE_OFTEN if len(after) > len(before) else DifferenceReason.LESS_OFTEN


def _sum(rows: Iterable[_Row], *, is_new: bool) -> int:
    return sum(row.amount_fen for row in rows if row.is_new is is_new)
