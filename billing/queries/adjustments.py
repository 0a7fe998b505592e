"""Reads adjustments. The one ownership rule: an adjustment is reached through its account."""

import uuid

from django.db.models import Exists, OuterRef, QuerySet

from billing.models import Adjustment, AdjustmentState, BillLine
from kernel.clock import Month
from kernel.errors import NotFound


def get_adjustment(account_id: uuid.UUID, adjustment_id: uuid.UUID) -> Adjustment:
    """Return an adjustment of an account.

    :raises NotFound: the account has no such adjustment.
    """
    adjustment = Adjustment.objects.filter(account_id=account_id, id=adjustment_id).first()
    if adjustment is None:
        raise NotFound
    return adjustment


def list_unbilled_adjustments(month: Month) -> QuerySet[Adjustment]:
    """Return the posted adjustments that the bills of a month have to show and no bill has shown yet.

    A bill is what was charged: an adjustment stands on it under OTHER with its amount turned round, -5.00 yuan for 5.00
    yuan given back, so that a bill remains the sum of its lines and may be below zero. Its line names the adjustment as
    its `charge_id`. To be narrowed to the accounts of a chunk.
    """
    billed = BillLine.objects.filter(account_id=OuterRef("account_id"), charge_id=OuterRef("id"))
    return Adjustment.objects.filter(~Exists(billed), state=AdjustmentState.POSTED, checked_at__lt=month.ends_at)
