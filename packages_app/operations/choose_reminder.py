"""Keeps a line's own threshold for data reminders."""

import uuid
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from kernel.errors import DomainError
from packages_app.models import ReminderChoice


class ThresholdInvalid(DomainError):
    """The threshold is not between 1 and 99 per cent."""

    code = "THRESHOLD_INVALID"
    message = _("A reminder can be set from 1 to 99 per cent.")
    cure = _("Enter a whole number from 1 to 99, or leave it empty for none of your own.")
    http_status = 400
    field = "percent"


def choose_reminder(*, account_id: uuid.UUID, line_id: uuid.UUID, percent: int | None, now: datetime) -> None:
    """Keep at which percentage of a data allowance a line wants to be reminded, besides its plan's thresholds.

    It counts from now on: an allowance that is used further already is reminded of in its next cycle.

    :param percent: 1 to 99; None for none of its own.
    :raises ThresholdInvalid: another number.
    :raises NotFound: the account has no such line.
    """
    get_line(account_id=account_id, line_id=line_id)
    if percent is None:
        ReminderChoice.objects.filter(account_id=account_id, line_id=line_id).delete()
        return
    if not 1 <= percent <= 99:
        raise ThresholdInvalid
    ReminderChoice.objects.bulk_create(
        [ReminderChoice(account_id=account_id, line_id=line_id, percent=percent, changed_at=now)],
        update_conflicts=True,
        unique_fields=["account_id", "line_id"],
        update_fields=["percent", "changed_at"],
    )
