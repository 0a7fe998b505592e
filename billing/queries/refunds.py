"""Reads refunds of top-ups."""

import uuid

from django.conf import settings
from django.db.models import BigIntegerField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from billing.models import Refund, RefundState, TopUp, TopUpState
from kernel.errors import NotFound

# What is rejected, or refused by the provider, takes nothing of what was paid.
TAKES_NOTHING = [RefundState.REJECTED, RefundState.FAILED]


def get_refund(account_id: uuid.UUID, refund_id: uuid.UUID) -> Refund:
    """Return a refund of an account.

    :raises NotFound: the account has no such refund.
    """
    refund = Refund.objects.filter(account_id=account_id, id=refund_id).first()
    if refund is None:
        raise NotFound
    return refund


def get_refunded_fen(account_id: uuid.UUID, top_up_id: uuid.UUID) -> int:
    """Return how much of a top-up was given back, is on its way, or is asked for."""
    rows = Refund.objects.filter(account_id=account_id, top_up_id=top_up_id).exclude(state__in=TAKES_NOTHING)
    return rows.aggregate(fen=Sum("amount_fen"))["fen"] or 0


def list_refunds(account_id: uuid.UUID, top_up_id: uuid.UUID) -> list[Refund]:
    """Return the refunds of a top-up, oldest first."""
    return list(Refund.objects.filter(account_id=account_id, top_up_id=top_up_id).order_by("requested_at", "id"))


def find_refundable_top_up(account_id: uuid.UUID, *, amount_fen: int) -> uuid.UUID | None:
    """Return the latest top-up that so much could be given back of through the payment provider; None if none."""
    taken = (
        Refund.objects.filter(account_id=account_id, top_up_id=OuterRef("id"))
        .exclude(state__in=TAKES_NOTHING)
        .order_by()
        .values("top_up_id")
        .annotate(fen=Sum("amount_fen"))
        .values("fen")
    )
    paid = TopUp.objects.filter(
        account_id=account_id,
        state=TopUpState.SUCCEEDED,
        paid_at__isnull=False,
        provider=settings.PAYMENT_PROVIDER,
    )
    left = F("amount_fen") - Coalesce(Subquery(taken, BigIntegerField()), Value(0), output_field=BigIntegerField())
    rows = paid.annotate(left_fen=left).filter(left_fen__gte=amount_fen).order_by("-paid_at", "-id")
    return rows.values_list("id", flat=True).first()
