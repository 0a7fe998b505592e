"""Writes what was done to lines and customers' data. Rows are only ever added."""

import uuid
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import LineAct, LineActKind
from kernel.errors import DomainError

MOST_CHARACTERS = 200


class ReasonMissing(DomainError):
    """Who looks into or changes somebody's data says why."""

    code = "REASON_MISSING"
    message = _("Say why, in up to 200 characters.")
    http_status = 400
    field = "reason"


def require_reason(*, reason: str) -> None:
    """Refuse an empty or endless reason.

    :raises ReasonMissing: it is one.
    """
    if not 0 < len(reason.strip()) <= MOST_CHARACTERS:
        raise ReasonMissing


def record_line_act(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID | None,
    kind: LineActKind,
    staff_id: int | None,
    now: datetime,
    reason: str = "",
    before: str = "",
    after: str = "",
) -> None:
    """Write that something was done, in the caller's transaction.

    :param line_id: None for what concerns all lines of the account.
    :param staff_id: of the staff; None for the customer.
    """
    LineAct.objects.create(
        account_id=account_id,
        line_id=line_id,
        kind=kind,
        staff_id=staff_id,
        reason=reason.strip(),
        before=before,
        after=after,
        at=now,
    )
