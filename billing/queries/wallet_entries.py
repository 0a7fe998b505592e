"""Reads the movements of a wallet as they are posted."""

import uuid

from billing.models import LedgerEntry


def list_entries(account_id: uuid.UUID, limit: int) -> list[LedgerEntry]:
    """Return the latest movements of an account's wallet, newest first."""
    return list(LedgerEntry.objects.filter(account_id=account_id).order_by("-version")[:limit])
