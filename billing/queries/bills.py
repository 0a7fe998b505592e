"""Reads bills. The one ownership rule: a bill is reached through its account."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby

from billing.models import Bill, BillHead, BillLine
from kernel.clock import Month, month_from_date
from kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class BillSummary:
    """A bill as it stands in a list."""

    month: Month
    total_fen: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class BillLineView:
    """One line of a bill; `charge_id` leads to its reason."""

    number: int
    name: str
    provider_name: str
    amount_fen: int
    msisdn: str
    charge_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class BillHeadView:
    """One of the seven heads with its lines; `place` counts from 1 in the order of print."""

    place: int
    head: BillHead
    amount_fen: int
    lines: tuple[BillLineView, ...]


@dataclass(frozen=True)
class BillView:
    """A bill with all seven heads in the order of print, empty ones too. Heads, lines and total add up to the fen."""

    account_id: uuid.UUID
    month: Month
    total_fen: int
    issued_at: datetime
    heads: tuple[BillHeadView, ...]

    @property
    def lines(self) -> tuple[BillLineView, ...]:
        """Every line, in the order of print."""
        return tuple(line for head in self.heads for line in head.lines)

    @cached_property
    def numbers(self) -> tuple[tuple[str, int], ...]:
        """(E.164 number, fen) for each number of the account that was charged."""
        lines = sorted(self.lines, key=lambda line: line.msisdn)
        return tuple(
            (msisdn, sum(line.amount_fen for line in own)) for msisdn, own in groupby(lines, lambda line: line.msisdn)
        )


def get_bill(account_id: uuid.UUID, month: Month) -> BillView:
    """Return the bill of an account for a month.

    :raises NotFound: none was issued.
    """
    period_date = month.first_date
    header = (
        Bill.objects.filter(account_id=account_id, period_date=period_date)
        .values_list("total_fen", "issued_at")
        .first()
    )
    if header is None:
        raise NotFound
    total_fen, issued_at = header
    by_head: dict[str, list[BillLineView]] = {head: [] for head in BillHead}
    rows = (
        BillLine.objects.filter(account_id=account_id, period_date=period_date)
        .order_by("number")
        .values_list("head", "number", "name", "provider_name", "amount_fen", "msisdn", "charge_id")
    )
    for head, number, name, provider_name, amount_fen, msisdn, charge_id in rows:
        by_head[head].append(BillLineView(number, name, provider_name, amount_fen, msisdn, charge_id))
    heads = tuple(
        BillHeadView(place, head, sum(line.amount_fen for line in by_head[head]), tuple(by_head[head]))
        for place, head in enumerate(BillHead, start=1)
    )
    return BillView(account_id, month, total_fen, issued_at, heads)


def list_bills(account_id: uuid.UUID, limit: int) -> list[BillSummary]:
    """Return the latest bills of an account, newest first."""
    rows = (
        Bill.objects.filter(account_id=account_id)
        .order_by("-period_date")
        .values_list("period_date", "total_fen", "issued_at")[:limit]
    )
    return [BillSummary(month_from_date(period_date), total_fen, at) for period_date, total_fen, at in rows]
