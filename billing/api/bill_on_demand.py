"""TMF678 customerBillOnDemand: an account's bill at a time of the partner's choice."""

import contextlib
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.queries.visible_accounts import is_account_visible, list_visible_accounts_of_customer
from billing.api.customer_bill import CUSTOMER_BILL
from billing.api.customer_bill_management import API, BILLING_ACCOUNT, bill_id, billing_account
from billing.models import BillRequest
from billing.operations.ask_for_bill import ask_for_bill
from billing.queries.visible_bills import list_visible_bill_requests
from kernel.errors import NotFound
from kernel.ids import PublicId
from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Attribute, Caller, Column, Creation, Resource, by_public_id, by_uuid
from kernel.rest.shapes import Instant, Structure, Text
from kernel.rest.structures import RELATED_PARTY, reference_shape

_DONE, _REJECTED = "done", "rejected"
_BILL = reference_shape("CustomerBill")


def _bill(request: BillRequest) -> dict[str, str] | None:
    if request.period_date is None:
        return None
    return CUSTOMER_BILL.reference(bill_id(request.account_id, request.period_date))


def _by_state(texts: Sequence[str]) -> Q | None:
    is_rejected = {_DONE: False, _REJECTED: True}
    wanted = {is_rejected[text] for text in texts if text in is_rejected}
    return Q(period_date__isnull=wanted.pop()) if len(wanted) == 1 else Q() if wanted else None


def _account_named_by(wanted: dict[str, Any], caller: Caller) -> uuid.UUID:
    """:raises NotFound: there is no such account, or the caller may not see it."""
    attribute = "billingAccount" if "billingAccount" in wanted else "relatedParty"
    if attribute not in wanted:
        raise AttributeInvalid(field="billingAccount", cure=_("Give billingAccount or relatedParty."))
    with contextlib.suppress(ValueError):
        named = uuid.UUID(wanted[attribute]["id"])
        if attribute == "billingAccount":
            accounts = [named] if is_account_visible(sight=caller.sight, account_id=named) else []
        else:
            accounts = list_visible_accounts_of_customer(sight=caller.sight, customer_id=named)
        if len(accounts) > 1:
            raise AttributeInvalid(
                field="billingAccount", cure=_("This customer has several accounts: name the one that is meant.")
            )
        if accounts:
            return accounts[0]
    refusal = NotFound()
    refusal.field = f"{attribute}.id"
    raise refusal


def _create(wanted: dict[str, Any], caller: Caller, _key: str) -> BillRequest:
    return ask_for_bill(
        account_id=_account_named_by(wanted, caller),
        client_id=caller.client_id,
        name=wanted.get("name", ""),
        description=wanted.get("description", ""),
        now=caller.now,
    )


BILL_ON_DEMAND: Resource[BillRequest] = Resource(
    api=API,
    name="customerBillOnDemand",
    type_name="CustomerBillOnDemand",
    summary="Requests for an account's bill. An account has one bill a month: the latest that was issued answers.",
    rows=lambda caller: [list_visible_bill_requests(sight=caller.sight)],
    complete=lambda requests, _caller: requests,
    public_id=lambda request: str(PublicId(request.account_id, request.id)),
    find=by_public_id("id"),
    order=("account_id", "id"),
    attributes=(
        Attribute(name="name", shape=Text(), read=lambda request: request.name or None, filters={"": Column("name")}),
        Attribute(name="description", shape=Text(max_length=500), read=lambda request: request.description or None),
        Attribute(
            name="lastUpdate",
            shape=Instant(),
            read=lambda request: request.asked_at,
            always=True,
            filters={"": Column("asked_at", Instant())},
            sort="asked_at",
        ),
        Attribute(
            name="state",
            shape=Text(choices=(_DONE, _REJECTED)),
            read=lambda request: _DONE if request.period_date else _REJECTED,
            always=True,
            filters={"": _by_state},
            description="rejected: no bill of this account was issued yet.",
        ),
        Attribute(name="customerBill", shape=_BILL, read=_bill),
        Attribute(
            name="billingAccount",
            shape=BILLING_ACCOUNT,
            read=lambda request: billing_account(request.account_id),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
    ),
    creation=Creation(
        body=Structure(
            "CustomerBillOnDemand_Create",
            {
                "billingAccount": BILLING_ACCOUNT,
                "relatedParty": RELATED_PARTY,
                "name": Text(),
                "description": Text(max_length=500),
                "customerBill": _BILL,
                "lastUpdate": Instant(),
                "state": Text(choices=("inProgress", _REJECTED, _DONE)),
            },
            description=(
                "billingAccount, or relatedParty (a customer with one account), names whose bill. "
                "customerBill, lastUpdate and state are taken and not kept: they follow."
            ),
        ),
        create=_create,
        summary="Answers with the latest bill of the account. No bill is made out of turn.",
        example={
            "name": "for the accountant",
            "billingAccount": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        },
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw",
        "href": "https://hall.example.com/tmf-api/customerBillManagement/v4/customerBillOnDemand/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw",
        "name": "for the accountant",
        "lastUpdate": "2026-11-22T06:30:00Z",
        "state": _DONE,
        "customerBill": {
            "id": "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAADFqk",
            "href": "https://hall.example.com/tmf-api/customerBillManagement/v4/customerBill/"
            "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAADFqk",
            "@referredType": "CustomerBill",
        },
        "billingAccount": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "@type": "CustomerBillOnDemand",
    },
)
