"""Which accounts a caller of the REST face may see: the one ownership rule of every REST door."""

import uuid
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from accounts.models import Account, PartnerGrant
from kernel.sight import Sight, SightKind

Rows = TypeVar("Rows", bound=Model)


def is_account_visible(*, sight: Sight, account_id: uuid.UUID) -> bool:
    """Tell whether a caller may see an account; one that does not exist may not be seen."""
    return limit_to_visible(Account.objects.filter(id=account_id), sight=sight, account="id").exists()


def limit_to_visible(rows: QuerySet[Rows, Any], *, sight: Sight, account: str = "account_id") -> QuerySet[Rows, Any]:
    """Return those of the rows that belong to accounts which the caller may see; one statement, however many they are.

    :param account: column of the rows that names the account.
    """
    condition = visible_accounts_condition(sight=sight, account=account)
    return rows if condition is None else rows.filter(condition)


def list_visible_accounts_of_customer(*, sight: Sight, customer_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the accounts of a customer that the caller may see, oldest first."""
    accounts = limit_to_visible(Account.objects.filter(customer_id=customer_id), sight=sight, account="id")
    return list(accounts.order_by("created_at", "id").values_list("id", flat=True))


def visible_accounts_condition(*, sight: Sight, account: str = "account_id") -> Q | None:
    """Return the condition of `limit_to_visible`; None when the caller may see every account."""
    match sight.kind:
        case SightKind.ALL:
            return None
        case SightKind.OWN:
            return Q(**{account: sight.account_id})
        case SightKind.PROVINCES:
            return Q(**{f"{account}__in": Account.objects.filter(province__in=sight.provinces).values("id")})
    grants = PartnerGrant.objects.filter(client_id=sight.client_id)
    return Q(**{f"{account}__in": grants.values("account_id")})


def list_visible_account_ids(
    *, sight: Sight, customer_id: uuid.UUID | None = None, limit: int = 100
) -> list[uuid.UUID]:
    """Return accounts that a caller may see, oldest first.

    :param customer_id: only those of this customer.
    """
    accounts = Account.objects.all() if customer_id is None else Account.objects.filter(customer_id=customer_id)
    seen = limit_to_visible(accounts, sight=sight, account="id")
    return list(seen.order_by("id").values_list("id", flat=True)[:limit])
