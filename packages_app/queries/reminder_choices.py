"""Reads at which thresholds a line is reminded."""

import uuid

from packages_app.models import ReminderChoice


def get_own_threshold(account_id: uuid.UUID, line_id: uuid.UUID) -> int | None:
    """Return the percentage a line has chosen itself, or None."""
    return (
        ReminderChoice.objects.filter(account_id=account_id, line_id=line_id).values_list("percent", flat=True).first()
    )
