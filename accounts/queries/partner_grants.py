"""Which accounts a partner's client may see: the one ownership rule of every REST door."""

import uuid
from typing import Any

from django.db.models import QuerySet

from accounts.models import PartnerGrant


def is_account_visible(*, client_id: str, account_id: uuid.UUID) -> bool:
    """Tell whether a partner's client may see an account; one that does not exist may not be seen."""
    return PartnerGrant.objects.filter(account_id=account_id, client_id=client_id).exists()


def list_visible_account_ids(*, client_id: str) -> list[uuid.UUID]:
    """Return the accounts that a partner's client may see, oldest grant first."""
    grants = PartnerGrant.objects.filter(client_id=client_id).order_by("granted_at", "account_id")
    return list(grants.values_list("account_id", flat=True))


def list_visible_accounts(*, client_id: str) -> QuerySet[PartnerGrant, Any]:
    """Return the same accounts as a subquery: `filter(account_id__in=…)` stays one statement, however many they are."""
    return PartnerGrant.objects.filter(client_id=client_id).values("account_id")
