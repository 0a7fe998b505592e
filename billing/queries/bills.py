"""Reads bills. The one ownership rule: a bill is reached through its account."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby

from django.db.models import Exists, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.models import Adjustment, AdjustmentReason, Bill, BillHead, BillLine, Charge, ChargeReason, OneOffFee
from billing.queries.dues import get_due_date
from kernel.clock import Month, month_from_date
from kernel.errors import NotFound
from kernel.ids import PublicId

# Where fees stand of whose use there are detail records.
_USED_HEADS = frozenset({BillHead.DATA, BillHead.VOICE, BillHead.MESSAGES})


@dataclass(frozen=True, slots=True)
class BillSummary:
    """A bill as it stands in a list."""

    month: Month
    total_fen: int
    issued_at: datetime

    @property
    def bar_fen(self) -> int:
        """Length of its bar; corrections may bring a bill below zero, and a bar has no such length."""
        return max(self.total_fen, 0)


@dataclass(frozen=True, slots=True)
class BillLineView:
    """One line of a bill with its reason. An order and the subscription made by it have one id and one proof.

    :ivar reason: None for a correction, which has no charge.
    :ivar correction: why staff corrected the wallet; None for a charge.
    :ivar words: why staff charged a one-off fee, what a late fee was asked for; else "".
    :ivar order_id: public id of the order that led to it, "" when none did.
    :ivar used_fee: public id of the fee for use, which says of which month and kind; "" for every other line.
    :ivar is_owed: the wallet did not reach for it until now.
    """

    number: int
    name: str
    provider_name: str
    amount_fen: int
    line_id: uuid.UUID
    msisdn: str
    charge_id: uuid.UUID
    reason: ChargeReason | None
    correction: AdjustmentReason | None
    words: str
    order_id: str
    used_fee: str
    is_owed: bool


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

    @property
    def owed_fen(self) -> int:
        """How much of it is not paid yet."""
        return sum(line.amount_fen for line in self.lines if line.is_owed)

    @property
    def due_date(self) -> date:
        """Last day on which it can be paid without a late fee."""
        return get_due_date(self.month)

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
    charge = Charge.objects.filter(account_id=OuterRef("account_id"), id=OuterRef("charge_id"))
    adjustment = Adjustment.objects.filter(account_id=OuterRef("account_id"), id=OuterRef("charge_id"))
    fee = OneOffFee.objects.filter(account_id=OuterRef("account_id"), id=OuterRef("reason_id"))
    late = Charge.objects.filter(account_id=OuterRef("account_id"), id=OuterRef("reason_id"))
    rows = (
        BillLine.objects.filter(account_id=account_id, period_date=period_date)
        .annotate(
            reason=Subquery(charge.values("reason")),
            reason_id=Subquery(charge.values("reason_id")),
            is_owed=Exists(charge.filter(settled_at=None)),
            correction=Subquery(adjustment.values("reason")),
            words=Coalesce(Subquery(fee.values("words")), Subquery(late.values("name"))),
        )
        .order_by("number")
        .values_list(
            *("head", "number", "name", "provider_name", "amount_fen", "line_id", "msisdn", "charge_id"),
            *("reason", "reason_id", "is_owed", "correction", "words"),
        )
    )
    for head, number, name, provider_name, amount_fen, line_id, msisdn, charge_id, reason, reason_id, *rest in rows:
        is_owed, correction, why = rest
        is_ordered = reason in {ChargeReason.ORDER, ChargeReason.SUBSCRIPTION}
        is_used = reason == ChargeReason.USAGE and head in _USED_HEADS
        by_head[head].append(
            BillLineView(
                number=number,
                name=name,
                provider_name=provider_name,
                amount_fen=amount_fen,
                line_id=line_id,
                msisdn=msisdn,
                charge_id=charge_id,
                reason=ChargeReason(reason) if reason else None,
                correction=AdjustmentReason(correction) if correction else None,
                words=why or "",
                order_id=str(PublicId(account_id, reason_id)) if is_ordered else "",
                used_fee=str(PublicId(account_id, reason_id)) if is_used else "",
                is_owed=is_owed,
            )
        )
    heads = tuple(
        BillHeadView(place, head, sum(line.amount_fen for line in by_head[head]), tuple(by_head[head]))
        for place, head in enumerate(BillHead, start=1)
    )
    return BillView(account_id, month, total_fen, issued_at, heads)


def get_running_fen(account_id: uuid.UUID, month: Month) -> int:
    """Return what an account was charged in a month so far, of which there is no bill yet."""
    charges = Charge.objects.filter(
        account_id=account_id, charged_at__gte=month.starts_at, charged_at__lt=month.ends_at
    )
    return int(charges.aggregate(fen=Sum("amount_fen"))["fen"] or 0)


def list_bills(account_id: uuid.UUID, limit: int) -> list[BillSummary]:
    """Return the latest bills of an account, newest first."""
    rows = (
        Bill.objects.filter(account_id=account_id)
        .order_by("-period_date")
        .values_list("period_date", "total_fen", "issued_at")[:limit]
    )
    return [BillSummary(month_from_date(period_date), total_fen, at) for period_date, total_fen, at in rows]
