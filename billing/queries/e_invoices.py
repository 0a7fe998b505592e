"""Reads e-invoices and what they may be asked for. The one ownership rule: who asks is who paid."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Self

from django.db.models import Q, QuerySet, Sum

from billing.models import (
    Bill,
    BillLine,
    Charge,
    Counterpart,
    EInvoice,
    EInvoiceState,
    LedgerEntry,
    MoneyBucket,
    Refund,
    TopUp,
    TopUpState,
)
from billing.queries.refunds import TAKES_NOTHING
from kernel.clock import Month, month_from_date, parse_month
from kernel.errors import NotFound
from kernel.ids import PublicId

LIVE = (EInvoiceState.REQUESTED, EInvoiceState.EXPORTED, EInvoiceState.ISSUED)
# Who sold the card or took the money gives the invoice.
SOLD_BY_OTHERS = ("VOUCHER", "PARTNER")
_BILL, _TOP_UP = "bill-", "top-up-"


@dataclass(frozen=True, slots=True)
class InvoiceSubject:
    """What an e-invoice is of: a month's bill, or a top-up, whose account may be another than the payer's."""

    month: Month | None = None
    top_up_account_id: uuid.UUID | None = None
    top_up_id: uuid.UUID | None = None

    @property
    def key(self) -> str:
        """What keeps it from being invoiced twice."""
        return f"bill:{self.month}" if self.month else f"top-up:{self.top_up_id}"

    def __str__(self) -> str:
        """As it stands in an address: "bill-2026-10", "top-up-<public id>"."""
        if self.top_up_account_id and self.top_up_id:
            return f"{_TOP_UP}{PublicId(self.top_up_account_id, self.top_up_id)}"
        return f"{_BILL}{self.month}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str()` wrote.

        :raises ValueError: it names nothing.
        """
        if text.startswith(_TOP_UP):
            public_id = PublicId.parse(text.removeprefix(_TOP_UP))
            return cls(top_up_account_id=public_id.account_id, top_up_id=public_id.row_id)
        if not text.startswith(_BILL):
            raise ValueError("neither a bill nor a top-up")
        return cls(month=parse_month(text.removeprefix(_BILL)))


@dataclass(frozen=True, slots=True)
class FoundSubject:
    """A bill or top-up as an invoice sees it.

    :ivar amount_fen: what would stand on the invoice; 0 when none may be asked for.
    :ivar from_own_wallet: the money went through the asker's own wallet.
    """

    amount_fen: int
    from_own_wallet: bool = True


class PaidAndInvoiced(NamedTuple):
    """What an account paid into its own wallet, and what of that stands on e-invoices or is asked for."""

    paid_fen: int
    invoiced_fen: int


@dataclass(frozen=True, slots=True)
class Invoiceable:
    """A bill or top-up of which an e-invoice may be asked for; `msisdn` is the number topped up."""

    subject: InvoiceSubject
    amount_fen: int
    at: datetime
    msisdn: str = ""


def get_e_invoice(account_id: uuid.UUID, e_invoice_id: uuid.UUID) -> EInvoice:
    """Return a request of an account.

    :raises NotFound: the account has no such request.
    """
    e_invoice = EInvoice.objects.filter(account_id=account_id, id=e_invoice_id).first()
    if e_invoice is None:
        raise NotFound
    return e_invoice


def list_e_invoices(account_id: uuid.UUID, limit: int = 24) -> list[EInvoice]:
    """Return the latest requests of an account, newest first."""
    return list(EInvoice.objects.filter(account_id=account_id).order_by("-requested_at", "-id")[:limit])


def get_invoice_subject(account_id: uuid.UUID, subject: InvoiceSubject) -> FoundSubject:
    """Return what an invoice of a bill or top-up would be worth to an account.

    :raises NotFound: the account has no such bill, nor paid such a top-up.
    """
    if subject.month:
        return FoundSubject(_bill_fen(account_id, subject.month))
    if subject.top_up_account_id is None or subject.top_up_id is None:
        raise NotFound
    top_up = _paid_by(account_id).filter(account_id=subject.top_up_account_id, id=subject.top_up_id).first()
    if top_up is None:
        raise NotFound
    return FoundSubject(_top_up_fen(top_up), from_own_wallet=top_up.account_id == account_id)


def get_paid_and_invoiced_fen(account_id: uuid.UUID) -> PaidAndInvoiced:
    """Return what bounds the e-invoices of an account: money that others paid in for it is theirs to have invoiced."""
    came_in = LedgerEntry.objects.filter(
        account_id=account_id, counterpart__in=[Counterpart.PAYMENTS, Counterpart.OPENING], bucket=MoneyBucket.CASH
    )
    by_others = TopUp.objects.filter(account_id=account_id, state=TopUpState.SUCCEEDED).exclude(
        Q(payer_account_id=None) | Q(payer_account_id=account_id)
    )
    own = EInvoice.objects.filter(account_id=account_id, state__in=LIVE).filter(
        Q(top_up_account_id=None) | Q(top_up_account_id=account_id)
    )
    return PaidAndInvoiced(_sum(came_in) - _sum(by_others), _sum(own))


def get_payers_subject(top_up: TopUp, *, visitor_account_id: uuid.UUID) -> InvoiceSubject | None:
    """Return what names a credited top-up to whoever paid it online, None to everybody else."""
    is_payers = (top_up.payer_account_id or top_up.account_id) == visitor_account_id
    credited_online = top_up.state == TopUpState.SUCCEEDED and top_up.provider not in SOLD_BY_OTHERS
    return _subject_of(top_up) if is_payers and credited_online else None


def list_invoiceable(account_id: uuid.UUID, *, bills: int, top_ups: int) -> list[Invoiceable]:
    """Return the latest bills and own top-ups of which no e-invoice is asked for yet, the newest first."""
    asked = set(EInvoice.objects.filter(account_id=account_id, state__in=LIVE).values_list("subject_key", flat=True))
    billed = Bill.objects.filter(account_id=account_id, total_fen__gt=0).order_by("-period_date")
    months = list(billed.values_list("period_date", "total_fen", "issued_at")[:bills])
    unpaid = _unpaid(account_id, [period_date for period_date, *_rest in months])
    own = _paid_by(account_id).filter(account_id=account_id, state=TopUpState.SUCCEEDED)
    paid = list(own.order_by("-requested_at", "-id")[:top_ups])
    going_back = _going_back(account_id, [top_up.id for top_up in paid])
    found = [
        Invoiceable(InvoiceSubject(month=month_from_date(period_date)), total_fen, issued_at)
        for period_date, total_fen, issued_at in months
        if period_date not in unpaid
    ]
    found += [
        Invoiceable(_subject_of(top_up), top_up.amount_fen, top_up.requested_at, top_up.msisdn)
        for top_up in paid
        if top_up.id not in going_back
    ]
    left = [item for item in found if item.subject.key not in asked]
    return sorted(left, key=lambda item: item.at, reverse=True)


def _bill_fen(account_id: uuid.UUID, month: Month) -> int:
    total = Bill.objects.filter(account_id=account_id, period_date=month.first_date).values_list("total_fen", flat=True)
    fen = total.first()
    if fen is None:
        raise NotFound
    return 0 if _unpaid(account_id, [month.first_date]) else fen


def _unpaid(account_id: uuid.UUID, period_dates: Sequence[date]) -> set[date]:
    """Return the months on whose bills something is still owed."""
    due = Charge.objects.filter(account_id=account_id, settled_at=None)
    lines = BillLine.objects.filter(account_id=account_id, period_date__in=period_dates)
    return set(lines.filter(charge_id__in=due.values("id")).values_list("period_date", flat=True))


def _going_back(account_id: uuid.UUID, top_up_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Return the top-ups that were given back, or may be, whole or in part."""
    refunds = Refund.objects.filter(account_id=account_id, top_up_id__in=top_up_ids)
    return set(refunds.exclude(state__in=TAKES_NOTHING).values_list("top_up_id", flat=True))


def _subject_of(top_up: TopUp) -> InvoiceSubject:
    return InvoiceSubject(top_up_account_id=top_up.account_id, top_up_id=top_up.id)


def _paid_by(account_id: uuid.UUID) -> QuerySet[TopUp]:
    """Return the top-ups that an account paid, for itself or for somebody else."""
    own = Q(account_id=account_id) & (Q(payer_account_id=None) | Q(payer_account_id=account_id))
    return TopUp.objects.filter(own | Q(payer_account_id=account_id)).exclude(provider__in=SOLD_BY_OTHERS)


def _top_up_fen(top_up: TopUp) -> int:
    arrived = top_up.state == TopUpState.SUCCEEDED and not _going_back(top_up.account_id, [top_up.id])
    return top_up.amount_fen if arrived else 0


def _sum(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(fen=Sum("amount_fen"))["fen"] or 0)


def count_waiting_e_invoices() -> int:
    """Return how many requests wait to be handed over."""
    return EInvoice.objects.filter(state=EInvoiceState.REQUESTED).count()


def iterate_batch(batch_id: uuid.UUID) -> Iterator[EInvoice]:
    """Yield the requests that were handed over in one file, the oldest first."""
    rows = EInvoice.objects.filter(batch_id=batch_id).order_by("requested_at", "account_id", "id")
    return rows.iterator(chunk_size=1_000)
