"""Reads how much of a card's and of a month's limit is used. What is on its way counts: it may still arrive."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum

from billing.models import BankCard, CardPayment, TopUpState
from kernel.clock import SHANGHAI, month_of


@dataclass(frozen=True, slots=True)
class CardLimits:
    """Most that one payment may take, and how much is left of a day's most, in fen."""

    payment_fen: int
    day_fen: int
    left_today_fen: int


def get_card_limits(card: BankCard, *, now: datetime) -> CardLimits:
    """Return the limits of a card as its kind of account says, and what is left of them today, in Shanghai."""
    payment_fen, day_fen = settings.BANK_LIMITS_FEN[card.account_kind]
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    taken_fen = _sum_fen(
        card.account_id,
        card_id=card.id,
        requested_at__gte=midnight,
        requested_at__lt=midnight + timedelta(days=1),
    )
    return CardLimits(payment_fen, day_fen, max(day_fen - taken_fen, 0))


def get_automatic_month_fen(account_id: uuid.UUID, *, now: datetime) -> int:
    """Return what automatic top-ups have taken in the month of `now`, or may still take, in fen."""
    month = month_of(now)
    return _sum_fen(account_id, automatic=True, requested_at__gte=month.starts_at, requested_at__lt=month.ends_at)


def _sum_fen(account_id: uuid.UUID, **which: object) -> int:
    payments = CardPayment.objects.filter(account_id=account_id, **which).exclude(state=TopUpState.FAILED)
    return payments.aggregate(fen=Sum("amount_fen"))["fen"] or 0
