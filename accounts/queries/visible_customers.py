"""Reads customers as a caller of the REST face may see them: masked, and with those of their accounts that it sees."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.db.models.functions import Concat, Left, Length

from accounts.models import Account, Contact, Customer, DocumentKind, IdentityDocument
from accounts.queries.lines import list_numbers_of_accounts
from accounts.queries.visible_accounts import limit_to_visible, visible_accounts_condition
from kernel.masking import mask_email, mask_msisdn
from kernel.sight import Sight, SightKind


@dataclass(frozen=True, slots=True)
class VisibleAccount:
    """One account of a customer.

    :ivar numbers: in use, masked, oldest first.
    :ivar email: of its contact, masked; empty when none was given.
    """

    account_id: uuid.UUID
    numbers: Sequence[str]
    email: str


@dataclass(frozen=True, slots=True)
class VisibleCustomer:
    """A customer as outsiders see it.

    :ivar is_company: the account was opened with a business licence.
    """

    customer: Customer
    masked_name: str
    accounts: Sequence[VisibleAccount]
    is_company: bool


def list_visible_customers(*, sight: Sight) -> QuerySet[Customer]:
    """Return the customers of the accounts that a caller may see, and those it entered itself.

    :return: rows with `masked_name`, to be filtered, ordered and cut.
    """
    # As `kernel.masking.mask_name` does; names are kept without blanks around them.
    masked = Case(
        When(Q(name=""), then=Value("")),
        default=Concat(
            Left("name", 1),
            Case(When(Q(name_length__gt=2), then=Value("**")), default=Value("*")),
        ),
        output_field=CharField(),
    )
    customers = Customer.objects.annotate(name_length=Length("name")).annotate(masked_name=masked)
    if visible_accounts_condition(sight=sight) is None:
        return customers
    accounts = limit_to_visible(Account.objects.all(), sight=sight, account="id")
    seen = Q(id__in=accounts.values("customer_id"))
    if sight.kind is not SightKind.OWN and sight.client_id:
        seen |= Q(client_id=sight.client_id)
    return customers.filter(seen)


def complete_customers(rows: Sequence[Customer], *, sight: Sight) -> list[VisibleCustomer]:
    """Complete customers with their accounts; four queries, however many there are."""
    owned = Account.objects.filter(customer_id__in=[customer.id for customer in rows])
    accounts = list(
        limit_to_visible(owned, sight=sight, account="id").order_by("created_at", "id").values_list("id", "customer_id")
    )
    account_ids = [account_id for account_id, _customer_id in accounts]
    numbers = list_numbers_of_accounts(account_ids)
    emails = dict(Contact.objects.filter(account_id__in=account_ids).values_list("account_id", "email"))
    licensed = set(
        IdentityDocument.objects.filter(account_id__in=account_ids, kind=DocumentKind.BUSINESS_LICENCE).values_list(
            "account_id", flat=True
        )
    )
    by_customer: dict[uuid.UUID, list[VisibleAccount]] = defaultdict(list)
    for account_id, customer_id in accounts:
        masked = [mask_msisdn(number) for number in numbers.get(account_id, ())]
        by_customer[customer_id].append(VisibleAccount(account_id, masked, mask_email(emails.get(account_id, ""))))
    return [
        VisibleCustomer(
            customer=customer,
            masked_name=customer.masked_name,  # type: ignore[attr-defined]  # annotated
            accounts=by_customer[customer.id],
            is_company=any(account.account_id in licensed for account in by_customer[customer.id]),
        )
        for customer in rows
    ]
