"""Reads what is known about a line's service password. What it is, nobody can read."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from accounts.models import ServicePassword


@dataclass(frozen=True, slots=True)
class ServicePasswordState:
    """The service password that a line has.

    :ivar set_at: since when.
    :ivar next_at: from when one holds that was reset, None when none waits.
    """

    set_at: datetime
    next_at: datetime | None


def get_service_password_state(
    *, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime
) -> ServicePasswordState | None:
    """Return the state of a line's service password, None when it has none."""
    kept = ServicePassword.objects.filter(account_id=account_id, line_id=line_id).first()
    if kept is None:
        return None
    if kept.next_at is not None and not kept.is_waiting(now):
        return ServicePasswordState(set_at=kept.next_at, next_at=None)
    return ServicePasswordState(set_at=kept.set_at, next_at=kept.next_at)
