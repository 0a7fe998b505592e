"""Reads which thresholds were passed on the allowances that a caller of the REST face may see."""

from django.db.models import QuerySet

from accounts.queries.visible_accounts import limit_to_visible
from kernel.sight import Sight
from packages_app.models import ThresholdCrossing


def list_visible_crossings(*, sight: Sight) -> QuerySet[ThresholdCrossing]:
    """Return the thresholds passed that were told, each of its allowance; to be filtered, ordered and cut.

    The first use of a month and the money cap, which are of no allowance, are not among them.
    """
    crossings = ThresholdCrossing.objects.filter(threshold_percent__gt=0, superseded=False)
    return limit_to_visible(crossings, sight=sight)
