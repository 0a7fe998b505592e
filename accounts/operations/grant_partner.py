"""Lets partner systems see accounts."""

import uuid
from datetime import datetime

from accounts.models import PartnerGrant


def grant_partner_account(*, client_id: str, account_id: uuid.UUID, now: datetime) -> None:
    """Let a partner's client see an account; granting twice changes nothing.

    :param client_id: the partner's OAuth client.
    """
    PartnerGrant.objects.bulk_create(
        [PartnerGrant(account_id=account_id, client_id=client_id, granted_at=now)], ignore_conflicts=True
    )
