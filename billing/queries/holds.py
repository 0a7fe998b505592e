"""Reads holds. The one ownership rule: a hold is reached through its account."""

import uuid

from billing.models import Hold, HoldState
from kernel.errors import NotFound


def get_hold(account_id: uuid.UUID, hold_id: uuid.UUID) -> Hold:
    """Return a hold of an account.

    :raises NotFound: the account has no such hold.
    """
    hold = Hold.objects.filter(account_id=account_id, id=hold_id).first()
    if hold is None:
        raise NotFound
    return hold


def list_open_holds(account_id: uuid.UUID) -> list[Hold]:
    """Return what is set aside in an account's wallet, oldest first."""
    return list(Hold.objects.filter(account_id=account_id, state=HoldState.HELD).order_by("held_at", "id"))
