"""Reads uses of the hall."""

import uuid
from datetime import datetime

from django.db.models import Count
from django.db.models.functions import TruncDate

from channels.models import Interaction
from kernel.clock import SHANGHAI
from kernel.day_counts import DayCounts, group_by_day


def list_interactions_of_account(account_id: uuid.UUID, limit: int) -> list[Interaction]:
    """Return what an account last used, newest first, on any channel."""
    return list(Interaction.objects.filter(account_id=account_id).order_by("-at", "-id")[:limit])


def count_interactions_by_channel(starts_at: datetime, ends_at: datetime) -> DayCounts:
    """Return uses within [starts_at, ends_at) by channel and day, the most used channel first."""
    rows = Interaction.objects.filter(at__gte=starts_at, at__lt=ends_at)
    by_day = rows.values_list("channel", TruncDate("at", tzinfo=SHANGHAI)).order_by("channel")
    return group_by_day(by_day.annotate(Count("id")))
