"""Prospects: people whom a partner enters before they have an account. Shop staff open one once they saw a document."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from kernel.errors import DomainError, NotFound

LONGEST_NAME = 80

_CUSTOMER_IDS = uuid.UUID("0d0f4a38-6a53-4d6f-8ad9-7a3f1d0c9e52")


class CustomerNameInvalid(DomainError):
    """A customer is not called like this."""

    code = "CUSTOMER_NAME_INVALID"
    message = _("This cannot be the name of a customer.")
    cure = _("Give a name of 1 to 80 characters.")
    http_status = 400
    field = "name"


class CustomerKeyReused(DomainError):
    """The partner entered somebody else with this key before."""

    code = "CUSTOMER_KEY_REUSED"
    message = _("Somebody else was entered with this Idempotency-Key.")
    cure = _("Send a new key for a new customer.")


class CustomerHasAccounts(DomainError):
    """Who has accounts was registered by a document, and is not changed or deleted from outside."""

    code = "CUSTOMER_HAS_ACCOUNTS"
    message = _("This customer has accounts: the name stands as on the document that was shown.")
    cure = _("Staff change it when the customer shows the document.")
    http_status = 409


class CustomerOfAnother(DomainError):
    """Another partner entered this customer."""

    code = "CUSTOMER_OF_ANOTHER"
    message = _("This customer was entered by another partner.")
    http_status = 409


class ProspectUnknown(NotFound):
    """No partner entered such a customer, or the account was opened before."""

    code = "PROSPECT_UNKNOWN"
    message = _("There is nobody of this id who waits for an account.")
    cure = _("Ask the partner for the id, or leave it empty.")
    field = "prospect_id"


def enter_prospect(
    *, name: str, party_id: str, party_type: str, client_id: str, idempotency_key: str, now: datetime
) -> Customer:
    """Enter somebody who may become a customer, once per client and key.

    :param name: 80 characters at most; only ever shown masked.
    :param party_id: how the partner's own system calls the party, and `party_type` what kind it is.
    :param client_id: the partner's OAuth client; `idempotency_key` is the partner's own.
    :raises CustomerNameInvalid: there is no name, or it is too long.
    :raises CustomerKeyReused: the key was used for somebody else.
    """
    wanted = Customer(
        id=uuid.uuid5(_CUSTOMER_IDS, f"{client_id}|{idempotency_key}"),
        name=_tidy(name),
        party_id=party_id,
        party_type=party_type,
        client_id=client_id,
        is_prospect=True,
        created_at=now,
    )
    Customer.objects.bulk_create([wanted], ignore_conflicts=True)
    kept = Customer.objects.get(id=wanted.id)
    if (kept.name, kept.party_id, kept.party_type) != (wanted.name, wanted.party_id, wanted.party_type):
        raise CustomerKeyReused
    return kept


def change_prospect(
    *,
    customer_id: uuid.UUID,
    client_id: str,
    name: str | None = None,
    party_id: str | None = None,
    party_type: str | None = None,
) -> Customer:
    """Correct what a partner entered; None leaves a value as it is.

    :param client_id: the partner that entered the customer.
    :raises NotFound: there is no such customer.
    :raises CustomerHasAccounts: an account was opened meanwhile.
    :raises CustomerOfAnother: somebody else entered them.
    :raises CustomerNameInvalid: the name is empty or too long.
    """
    wanted = {"name": None if name is None else _tidy(name), "party_id": party_id, "party_type": party_type}
    with transaction.atomic():
        customer = _locked_prospect(customer_id, client_id)
        for column, value in wanted.items():
            if value is not None:
                setattr(customer, column, value)
        customer.save(update_fields=list(wanted))
    return customer


def remove_prospect(*, customer_id: uuid.UUID, client_id: str) -> None:
    """Forget somebody whom a partner entered and who has no account.

    :param client_id: the partner that entered the customer.
    :raises NotFound: there is no such customer.
    :raises CustomerHasAccounts: they have accounts; nothing was changed.
    :raises CustomerOfAnother: somebody else entered them.
    """
    with transaction.atomic():
        _locked_prospect(customer_id, client_id).delete()


def take_prospect(*, customer_id: uuid.UUID, name: str) -> Customer:
    """Make a customer of a prospect, in the transaction that opens the account.

    :param name: as on the document that was shown; it takes the place of what the partner was told.
    :raises ProspectUnknown: there is no such prospect, or an account was opened for them before.
    """
    taken = Customer.objects.filter(id=customer_id, is_prospect=True).update(is_prospect=False, name=name)
    if not taken:
        raise ProspectUnknown
    return Customer.objects.get(id=customer_id)


def _locked_prospect(customer_id: uuid.UUID, client_id: str) -> Customer:
    customer = Customer.objects.select_for_update().filter(id=customer_id).first()
    if customer is None:
        raise NotFound
    if not customer.is_prospect:
        raise CustomerHasAccounts
    if customer.client_id != client_id:
        raise CustomerOfAnother
    return customer


def _tidy(name: str) -> str:
    tidy = " ".join(name.split())
    if not 1 <= len(tidy) <= LONGEST_NAME:
        raise CustomerNameInvalid
    return tidy
