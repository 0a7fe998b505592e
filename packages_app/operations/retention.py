"""What of this app is kept for how long."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kernel.retention import RetentionRule
from packages_app.models import UsageRecord


def list_rules() -> list[RetentionRule]:
    """Return the rules of packages: of a detail record that is shown no more, whom it was with is forgotten; how much
    it was stays, because a bill rests on it.
    """
    return [
        RetentionRule(
            "detail_records",
            _("Whom you called or texted"),
            settings.DETAIL_RECORD_KEEP_DAYS,
            _records,
            blot=(("other_party", ""),),
        )
    ]


def _records(before: datetime) -> QuerySet[UsageRecord]:
    return UsageRecord.objects.filter(started_at__lte=before).exclude(other_party="")
