"""Reads traces of staff."""

import uuid

from accounts.models import StaffTrace


def list_traces_of_account(account_id: uuid.UUID, limit: int) -> list[StaffTrace]:
    """Return what staff last looked at and did of an account, newest first."""
    return list(StaffTrace.objects.filter(account_id=account_id).order_by("-at")[:limit])
