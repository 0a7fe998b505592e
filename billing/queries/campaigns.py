"""Reads what top-ups are promised."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import Account
from billing.models import Campaign


@dataclass(frozen=True, slots=True)
class BonusOffer:
    """The bonus that a top-up of a certain amount is promised. `days`: to spend it, from the credit; 0 is for ever."""

    campaign_code: str
    bonus_fen: int
    days: int


def list_running_campaigns(account_id: uuid.UUID, *, now: datetime) -> list[Campaign]:
    """Return the campaigns that run now where the account is, those for small top-ups first."""
    province = Account.objects.filter(id=account_id).values_list("province", flat=True).first()
    return list(
        Campaign.objects.filter(Q(province="") | Q(province=province), starts_at__lte=now, ends_at__gt=now).order_by(
            "minimum_fen", "code"
        )
    )


def get_bonus_offer(account_id: uuid.UUID, amount_fen: int, *, now: datetime) -> BonusOffer | None:
    """Return the best that running campaigns promise for a top-up of so much, None when that is nothing."""
    return best_offer(list_running_campaigns(account_id, now=now), amount_fen)


def best_offer(campaigns: list[Campaign], amount_fen: int) -> BonusOffer | None:
    """Return the largest bonus of these campaigns; of equal ones the first."""
    offers = [BonusOffer(one.code, one.bonus_for(amount_fen), one.bonus_days) for one in campaigns]
    best = max(offers, key=lambda offer: offer.bonus_fen, default=None)
    return best if best and best.bonus_fen else None
