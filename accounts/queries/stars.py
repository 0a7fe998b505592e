"""Reads the star of an account (信用星级), 1 to 5: what offerings ask for and holidays protect."""

import uuid
from collections.abc import Collection
from datetime import datetime

from accounts.models import StarRating
from kernel.clock import SHANGHAI


def get_rating(account_id: uuid.UUID, at: datetime) -> StarRating | None:
    """Return the rating that holds at an instant: the newest one, unless it is too old; None without one.

    It may be one without a star: the account is not with us long enough.
    """
    day = at.astimezone(SHANGHAI).date()
    kept = StarRating.objects.filter(account_id=account_id, period_date__lte=day).order_by("-period_date")
    rating = kept.select_related("table").first()
    return rating if rating and rating.valid_until > day else None


def get_star(account_id: uuid.UUID, at: datetime) -> int | None:
    """Return the star of an account at an instant, None when it has none."""
    return get_stars([account_id], at).get(account_id)


def get_stars(account_ids: Collection[uuid.UUID], at: datetime) -> dict[uuid.UUID, int]:
    """Return the stars of many accounts at an instant; those without one are left out. One query."""
    day = at.astimezone(SHANGHAI).date()
    kept = StarRating.objects.filter(account_id__in=account_ids, period_date__lte=day)
    newest = kept.order_by("account_id", "-period_date").distinct("account_id")
    rows = newest.values_list("account_id", "star", "valid_until")
    return {account_id: star for account_id, star, valid_until in rows if star and valid_until > day}


def list_ratings(account_id: uuid.UUID, limit: int) -> list[StarRating]:
    """Return the ratings of an account, the newest first."""
    return list(StarRating.objects.filter(account_id=account_id).order_by("-period_date")[:limit])
