"""Reads the SIM cards of lines."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import SimCard, SimReason
from kernel.errors import DomainError

# Whoever has just got a number got its card with it: nobody else's code could come to it.
_COMES_WITH_THE_NUMBER = (SimReason.FIRST, SimReason.TAKEN_OVER)


class RecentSimChange(DomainError):
    """The line's card was changed a short while ago.

    :ivar until: from when it can be done.
    """

    code = "RECENT_SIM_CHANGE"
    message = _("The SIM card of this number was changed a short while ago, so this cannot be done online yet.")
    http_status = 409

    def __init__(self, *, until: datetime) -> None:
        when = date_format(timezone.localtime(until), "DATETIME_FORMAT")
        super().__init__(cure=_("From %(time)s it can be; in a shop, with your document, at once.") % {"time": when})
        self.until = until


def get_sim(*, account_id: uuid.UUID, line_id: uuid.UUID) -> SimCard | None:
    """Return the card that a line uses, None when it was not noted."""
    return SimCard.objects.filter(account_id=account_id, line_id=line_id, to_at=None).first()


def list_sims(*, account_id: uuid.UUID, line_id: uuid.UUID) -> list[SimCard]:
    """Return all cards that a line uses or used, the newest first."""
    return list(SimCard.objects.filter(account_id=account_id, line_id=line_id).order_by("-from_at", "-id"))


def get_recent_sim_change(*, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> RecentSimChange | None:
    """Return why sensitive acts online wait, None when they need not."""
    wait = timedelta(seconds=settings.SIM_CHANGE_WAIT_SECONDS)
    changed = SimCard.objects.filter(account_id=account_id, line_id=line_id, to_at=None, from_at__gt=now - wait)
    from_at = changed.exclude(reason__in=_COMES_WITH_THE_NUMBER).values_list("from_at", flat=True).first()
    return RecentSimChange(until=from_at + wait) if from_at else None
