"""Reads what came in and went back through payment providers, for reconciliation."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from billing.gateways.base import Movement
from billing.models import PaymentNumber, Refund, RefundState, TopUp, TopUpState


class OurMovement(NamedTuple):
    """A payment or refund in our books; `number` is ours, `provider_number` the provider's."""

    movement: Movement
    number: str
    provider_number: str
    account_id: uuid.UUID
    amount_fen: int
    state: str


_PAYMENT = ("payment_number", "provider_payment_number", "account_id", "amount_fen", "state")
_REFUND = ("refund_number", "provider_refund_number", "account_id", "amount_fen", "state")


def list_movements(provider: str, *, starts_at: datetime, ends_at: datetime) -> list[OurMovement]:
    """Return what was paid and given back through a provider within [starts_at, ends_at), by the provider's clock."""
    paid = TopUp.objects.filter(
        provider=provider, state=TopUpState.SUCCEEDED, paid_at__gte=starts_at, paid_at__lt=ends_at
    )
    given_back = Refund.objects.filter(
        top_up__provider=provider,
        state=RefundState.SUCCEEDED,
        refunded_at__gte=starts_at,
        refunded_at__lt=ends_at,
    )
    return [
        *(OurMovement(Movement.PAYMENT, *row) for row in paid.values_list(*_PAYMENT)),
        *(OurMovement(Movement.REFUND, *row) for row in given_back.values_list(*_REFUND)),
    ]


def find_movements(movement: Movement, numbers: Sequence[str]) -> list[OurMovement]:
    """Return the payments or refunds of these numbers, whatever their state and day."""
    if movement is Movement.REFUND:
        refunds = Refund.objects.filter(refund_number__in=numbers)
        return [OurMovement(movement, *row) for row in refunds.values_list(*_REFUND)]
    entries = PaymentNumber.objects.filter(payment_number__in=numbers)
    accounts = set(entries.values_list("account_id", flat=True))
    top_ups = TopUp.objects.filter(account_id__in=accounts, payment_number__in=numbers)
    return [OurMovement(movement, *row) for row in top_ups.values_list(*_PAYMENT)]
