"""Reads what it costs to have a number stopped for a while."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class OwnBarOffer:
    """For how many days a number can be stopped, and what that costs in fen."""

    days: int
    fee_fen: int


def get_own_bar_fee(days: int) -> int:
    """Return what so many days cost in fen: the fee for each begun 30 days."""
    return int(-(-days // 30) * settings.OWN_BAR_FEE_FEN)


def list_own_bar_offers() -> list[OwnBarOffer]:
    """Return for how many days a number can be stopped."""
    return [OwnBarOffer(days, get_own_bar_fee(days)) for days in settings.OWN_BAR_DAYS]
