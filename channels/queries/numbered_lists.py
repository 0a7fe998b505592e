"""Reads the numbered list that a line may answer with numbers."""

import uuid
from datetime import datetime

from channels.models import NumberedList


def get_numbered_list(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> list[uuid.UUID] | None:
    """Return the subscriptions of a line's last list in the order of their numbers, None when no list is valid."""
    valid = NumberedList.objects.filter(account_id=account_id, line_id=line_id, expires_at__gt=now)
    ids = valid.values_list("subscription_ids", flat=True).first()
    return None if ids is None else [uuid.UUID(text) for text in ids]
