"""Reads uses of the hall."""

import uuid
from datetime import datetime

from django.db.models import Count

from channels.models import Interaction


def list_interactions_of_account(account_id: uuid.UUID, limit: int) -> list[Interaction]:
    """Return what an account last used, newest first, on any channel."""
    return list(Interaction.objects.filter(account_id=account_id).order_by("-at", "-id")[:limit])


def count_interactions_by_channel(starts_at: datetime, ends_at: datetime) -> list[tuple[str, int]]:
    """Return (channel, uses) within [starts_at, ends_at), the most used first."""
    rows = Interaction.objects.filter(at__gte=starts_at, at__lt=ends_at).values_list("channel").order_by("channel")
    return sorted(rows.annotate(Count("id")), key=lambda pair: -pair[1])
