"""Reads the movements of the wallets that a caller of the REST face may see."""

from django.db.models import QuerySet

from accounts.queries.visible_accounts import limit_to_visible
from billing.models import LedgerEntry
from kernel.sight import Sight


def list_visible_entries(*, sight: Sight) -> QuerySet[LedgerEntry]:
    """Return what moved in these wallets; to be filtered, ordered and cut."""
    return limit_to_visible(LedgerEntry.objects.all(), sight=sight)
