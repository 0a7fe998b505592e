"""Reads top-ups of the accounts that a caller of the REST face may see."""

from django.db.models import QuerySet

from accounts.queries.visible_accounts import limit_to_visible
from billing.models import TopUp
from kernel.sight import Sight


def list_visible_top_ups(*, sight: Sight) -> QuerySet[TopUp]:
    """Return the top-ups that are credited to these accounts, whoever paid; to be filtered, ordered and cut."""
    return limit_to_visible(TopUp.objects.all(), sight=sight)
