"""Reads what customers want topped up by itself, and what came of it."""

import uuid

from billing.models import AutomaticTopUp, CardPayment, TopUpState


def get_automatic_top_up(account_id: uuid.UUID) -> AutomaticTopUp | None:
    """Return what an account has asked for; None when it never has."""
    return AutomaticTopUp.objects.filter(account_id=account_id).first()


def get_last_automatic_payment(account_id: uuid.UUID) -> CardPayment | None:
    """Return the latest automatic payment of an account, with its outcome."""
    return CardPayment.objects.filter(account_id=account_id, automatic=True).order_by("-requested_at", "-id").first()


def is_automatic_payment_open(account_id: uuid.UUID) -> bool:
    """Tell whether an automatic payment is on its way or being clarified with the bank."""
    open_states = [TopUpState.PENDING, TopUpState.UNKNOWN]
    return CardPayment.objects.filter(account_id=account_id, automatic=True, state__in=open_states).exists()
