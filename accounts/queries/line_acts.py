"""Reads what was done to lines and customers' data."""

import uuid

from django.db.models import Q

from accounts.models import LineAct, LineActKind


def list_line_acts(*, account_id: uuid.UUID, line_id: uuid.UUID, limit: int = 50) -> list[LineAct]:
    """Return what was done to a line, or to all of its account, the newest first."""
    of_line = Q(line_id=line_id) | Q(line_id=None)
    return list(LineAct.objects.filter(of_line, account_id=account_id).order_by("-at", "-id")[:limit])


def list_number_changes(*, account_id: uuid.UUID, line_id: uuid.UUID) -> list[LineAct]:
    """Return each change of a line's number, the newest first; `before` and `after` are E.164."""
    changes = LineAct.objects.filter(account_id=account_id, line_id=line_id, kind=LineActKind.NUMBER_CHANGED)
    return list(changes.order_by("-at", "-id"))
