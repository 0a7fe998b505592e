"""What of this app is kept for how long."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from channels.models import Interaction, NumberedList
from kernel.retention import RetentionRule


def list_rules() -> list[RetentionRule]:
    """Return the rules of channels."""
    return [
        RetentionRule(
            "interactions",
            _("What you used our halls for"),
            settings.INTERACTION_KEEP_DAYS,
            lambda before: Interaction.objects.filter(at__lte=before),
        ),
        RetentionRule(
            "numbered_lists",
            _("Lists to answer by number"),
            0,
            lambda before: NumberedList.objects.filter(expires_at__lte=before),
            shown=False,
        ),
    ]
