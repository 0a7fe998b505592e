"""Row locks of this app."""

import uuid

from accounts.models import Line


def lock_line(*, account_id: uuid.UUID, line_id: uuid.UUID) -> None:
    """Let one answer at a time look at what a line was sent last. Whoever takes it takes no other lock after it."""
    locked = Line.objects.select_for_update(of=("self",), no_key=True).filter(account_id=account_id, id=line_id)
    locked.values_list("id").first()
