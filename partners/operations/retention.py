"""What of this app is kept for how long."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kernel.retention import RetentionRule
from partners.models import HubEvent, HubEventState

_ON_THE_WAY = (HubEventState.QUEUED, HubEventState.SENDING)


def list_rules() -> list[RetentionRule]:
    """Return the rules of partners: what was told to their systems is kept for as long as they may ask for it again."""
    return [
        RetentionRule(
            "hub_events",
            _("What partner systems were told about your account"),
            settings.HUB_EVENT_KEEP_DAYS,
            _events,
        )
    ]


def _events(before: datetime) -> QuerySet[HubEvent]:
    return HubEvent.objects.filter(queued_at__lte=before).exclude(state__in=_ON_THE_WAY)
