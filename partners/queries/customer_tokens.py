"""Reads customers' own tokens."""

import uuid
from datetime import datetime

from partners.models import CustomerToken


def list_live_customer_tokens(*, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> list[CustomerToken]:
    """Return a line's tokens that are neither revoked nor too old, the newest first."""
    tokens = CustomerToken.objects.filter(account_id=account_id, line_id=line_id)
    return list(tokens.filter(revoked_at__isnull=True, expires_at__gt=now).order_by("-made_at", "-id"))
