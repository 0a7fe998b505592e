"""Reads top-ups. The one ownership rule: the account that is credited sees them, and the payer those they paid."""

import uuid

from django.db.models import Q

from billing.models import PaymentNumber, TopUp
from kernel.errors import NotFound


def get_top_up(account_id: uuid.UUID, top_up_id: uuid.UUID) -> TopUp:
    """Return a top-up of an account.

    :raises NotFound: the account has no such top-up.
    """
    top_up = TopUp.objects.filter(account_id=account_id, id=top_up_id).first()
    if top_up is None:
        raise NotFound
    return top_up


def get_top_up_for_visitor(account_id: uuid.UUID, top_up_id: uuid.UUID, *, visitor_account_id: uuid.UUID) -> TopUp:
    """Return a top-up that is the visitor's own or was paid by them.

    :raises NotFound: there is none, or it is between others.
    """
    visible = Q(account_id=visitor_account_id) | Q(payer_account_id=visitor_account_id)
    top_up = TopUp.objects.filter(visible, account_id=account_id, id=top_up_id).first()
    if top_up is None:
        raise NotFound
    return top_up


def get_top_up_by_payment_number(payment_number: str) -> TopUp:
    """Return the top-up a payment number was given to.

    :raises NotFound: the number is not ours.
    """
    entry = PaymentNumber.objects.filter(payment_number=payment_number).first()
    if entry is None:
        raise NotFound
    return get_top_up(entry.account_id, entry.top_up_id)


def list_top_ups(account_id: uuid.UUID, limit: int = 20) -> list[TopUp]:
    """Return the latest top-ups of an account, newest first."""
    return list(TopUp.objects.filter(account_id=account_id).order_by("-requested_at", "-id")[:limit])
