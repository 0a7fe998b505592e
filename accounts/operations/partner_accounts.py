"""The account that stands for a partner system itself, for what it asks of the operator in its own name."""

import uuid
from datetime import datetime

from django.db import transaction

from accounts.models import Account, Customer
from accounts.operations.grant_partner import grant_partner_account

_IDS = uuid.UUID("3b1f2c84-51a7-4d0e-9a6c-7c1c7b0f3e92")


def ensure_partner_account(*, client_id: str, province: str, now: datetime) -> tuple[uuid.UUID, bool]:
    """Open an account without a line for a partner, which may see it, unless it has one. Its wallet is billing's.

    :param client_id: the partner's OAuth client; the customer is called so.
    :param province: ISO 3166-2 code; of a partner that sees provinces, one of them.
    :return: the account's id, the same for the same client, and whether it is new.
    """
    customer = Customer(id=uuid.uuid5(_IDS, f"customer:{client_id}"), name=client_id, created_at=now)
    account = Account(
        id=uuid.uuid5(_IDS, f"account:{client_id}"), customer_id=customer.id, province=province, created_at=now
    )
    if Account.objects.filter(id=account.id).exists():
        return account.id, False
    with transaction.atomic():
        Customer.objects.bulk_create([customer], ignore_conflicts=True)
        Account.objects.bulk_create([account], ignore_conflicts=True)
        grant_partner_account(client_id=client_id, account_id=account.id, now=now)
    return account.id, True
