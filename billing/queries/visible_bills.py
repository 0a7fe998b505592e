"""Reads bills and charges of the accounts that a caller of the REST face may see."""

from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.queries.visible_accounts import limit_to_visible
from billing.models import Bill, BillLine, BillRequest, Charge
from kernel.sight import Sight

# What a bill has come to, in the words of TMF678.
SENT, PARTIALLY_PAID, SETTLED = "sent", "partiallyPaid", "settled"


def list_visible_bills(*, sight: Sight) -> QuerySet[Bill]:
    """Return bills with what is owed of them now; to be filtered, ordered and cut.

    :return: rows with `owed_fen` and `customer_id`; `bill_state` (as `get_bill_state` says it) may be asked for.
    """
    charge = Charge.objects.filter(account_id=OuterRef("account_id"), id=OuterRef("charge_id"), settled_at=None)
    owed = (
        BillLine.objects.filter(Exists(charge), account_id=OuterRef("account_id"), period_date=OuterRef("period_date"))
        .order_by()
        .values("account_id")
        .annotate(fen=Sum("amount_fen"))
        .values("fen")
    )
    return (
        limit_to_visible(Bill.objects.all(), sight=sight)
        .annotate(
            owed_fen=Coalesce(Subquery(owed, BigIntegerField()), Value(0), output_field=BigIntegerField()),
            customer_id=F("account__customer_id"),
        )
        .alias(
            bill_state=Case(
                When(owed_fen=0, then=Value(SETTLED)),
                When(owed_fen__lt=F("total_fen"), then=Value(PARTIALLY_PAID)),
                default=Value(SENT),
                output_field=CharField(),
            )
        )
    )


def get_bill_state(bill: Any) -> str:
    """Return what a listed bill has come to: one of the words above."""
    if bill.owed_fen == 0:
        return SETTLED
    return PARTIALLY_PAID if bill.owed_fen < bill.total_fen else SENT


def list_visible_charges(*, sight: Sight) -> QuerySet[Charge]:
    """Return charges with the month of the bill they stand on; to be filtered, ordered and cut.

    :return: rows with `period_date` (None before their bill is issued) and `is_billed`.
    """
    line = BillLine.objects.filter(account_id=OuterRef("account_id"), charge_id=OuterRef("id"))
    return (
        limit_to_visible(Charge.objects.all(), sight=sight)
        .annotate(period_date=Subquery(line.values("period_date")[:1]))
        .annotate(
            is_billed=Case(
                When(Q(period_date__isnull=False), then=Value(True)), default=Value(False), output_field=BooleanField()
            )
        )
    )


def list_visible_bill_requests(*, sight: Sight) -> QuerySet[BillRequest]:
    """Return requests for a bill; to be filtered, ordered and cut."""
    return limit_to_visible(BillRequest.objects.all(), sight=sight)
