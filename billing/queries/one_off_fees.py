"""Reads one-off fees. The one ownership rule: a fee is reached through its account."""

import uuid

from billing.models import OneOffFee
from kernel.errors import NotFound


def get_one_off_fee(account_id: uuid.UUID, fee_id: uuid.UUID) -> OneOffFee:
    """Return a one-off fee of an account.

    :raises NotFound: the account has no such fee.
    """
    fee = OneOffFee.objects.filter(account_id=account_id, id=fee_id).first()
    if fee is None:
        raise NotFound
    return fee
