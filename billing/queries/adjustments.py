"""Reads adjustments. The one ownership rule: an adjustment is reached through its account."""

import uuid

from billing.models import Adjustment
from kernel.errors import NotFound


def get_adjustment(account_id: uuid.UUID, adjustment_id: uuid.UUID) -> Adjustment:
    """Return an adjustment of an account.

    :raises NotFound: the account has no such adjustment.
    """
    adjustment = Adjustment.objects.filter(account_id=account_id, id=adjustment_id).first()
    if adjustment is None:
        raise NotFound
    return adjustment
