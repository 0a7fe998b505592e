"""Reads customers. Names of others than the signed-in customer are only ever shown masked."""

import uuid
from collections.abc import Collection, Mapping

from accounts.models import Account, Customer
from kernel.errors import NotFound
from kernel.masking import mask_name


def get_customer_name(account_id: uuid.UUID) -> str:
    """Return the full name of the customer who pays through an account.

    :raises NotFound: no such account.
    """
    # Two reads, not a join: account and customer live on different shards.
    customer_id = Account.objects.filter(id=account_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NotFound
    name = Customer.objects.filter(id=customer_id).values_list("name", flat=True).first()
    if name is None:
        raise NotFound
    return name


def get_masked_name(account_id: uuid.UUID) -> str:
    """Return the customer's name as others may see it: 陈**.

    :raises NotFound: no such account.
    """
    return mask_name(get_customer_name(account_id))


def list_masked_names(customer_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Return the names of customers as others may see them, by id; one query, however many there are."""
    names = Customer.objects.filter(id__in=customer_ids).values_list("id", "name")
    return {customer_id: mask_name(name) for customer_id, name in names}
