"""Where a ticket belongs that a partner opens in its own name, about none of the customers."""

import uuid
from datetime import datetime

from django.db import transaction

from accounts.operations.partner_accounts import ensure_partner_account
from billing.operations.wallets import open_wallet
from kernel.sight import Sight

# Of a partner that is not limited to provinces: where the operator has its seat.
_SEAT = "CN-BJ"


def open_partner_account(*, client_id: str, sight: Sight, now: datetime) -> uuid.UUID:
    """Return the account that stands for a partner itself, opened when it is first needed. It has no line.

    :param sight: what the partner may see: the account is put where it sees it.
    """
    with transaction.atomic():
        account_id, is_new = ensure_partner_account(
            client_id=client_id, province=next(iter(sight.provinces), _SEAT), now=now
        )
        if is_new:
            open_wallet(account_id=account_id, now=now)
    return account_id
