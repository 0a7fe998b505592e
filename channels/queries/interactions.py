"""Reads uses of the hall."""

import uuid

from channels.models import Interaction


def list_interactions_of_account(account_id: uuid.UUID, limit: int) -> list[Interaction]:
    """Return what an account last used, newest first, on any channel."""
    return list(Interaction.objects.filter(account_id=account_id).order_by("-at", "-id")[:limit])
