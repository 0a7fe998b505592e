"""Reads top-ups of the accounts that a partner's client may see."""

from django.db.models import QuerySet

from accounts.queries.partner_grants import list_visible_accounts
from billing.models import TopUp


def list_visible_top_ups(*, client_id: str) -> QuerySet[TopUp]:
    """Return the top-ups that are credited to these accounts, whoever paid; to be filtered, ordered and cut."""
    return TopUp.objects.filter(account_id__in=list_visible_accounts(client_id=client_id))
