"""TMF629 customer: who has the accounts, masked, and whom a partner enters before they have one."""

import contextlib
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.operations.partner_customers import change_prospect, enter_prospect, remove_prospect
from accounts.queries.visible_customers import VisibleCustomer, complete_customers, list_visible_customers
from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Api, Attribute, Caller, Change, Column, Creation, Removal, Resource, by_uuid
from kernel.rest.shapes import Flag, Instant, ListOf, Structure, Text, Whole
from kernel.rest.structures import ACCOUNT, RELATED_PARTY, TIME_PERIOD, reference, reference_shape, time_period

API = Api(title="Customer", base_path="/tmf-api/customerManagement/v4", scope="customer", name="customer-management")

_INITIALIZED, _ACTIVE = "initialized", "active"
_MOBILE, _EMAIL = "mobile", "email"
_CONTACT_MEDIUM = Structure(
    "ContactMedium",
    {
        "mediumType": Text(),
        "preferred": Flag(),
        "characteristic": Structure(
            "MediumCharacteristic",
            {
                "city": Text(),
                "contactType": Text(),
                "country": Text(),
                "emailAddress": Text(),
                "faxNumber": Text(),
                "phoneNumber": Text(),
                "postCode": Text(),
                "socialNetworkId": Text(),
                "stateOrProvince": Text(),
                "street1": Text(),
                "street2": Text(),
            },
        ),
        "validFor": TIME_PERIOD,
    },
    required=("mediumType", "characteristic"),
)
_CREDIT_PROFILE = Structure(
    "CreditProfile",
    {"creditProfileDate": Instant(), "creditRiskRating": Whole(), "creditScore": Whole(), "validFor": TIME_PERIOD},
    required=("creditProfileDate", "validFor"),
)
_CHARACTERISTIC = Structure(
    "CustomerCharacteristic",
    {"id": Text(), "name": Text(), "valueType": Text(), "value": Text()},
    required=("name", "value"),
)


def _party(wanted: dict[str, Any]) -> dict[str, str]:
    for name in ("id", "@referredType"):
        if not wanted[name].strip():
            raise AttributeInvalid(field=f"engagedParty.{name}", cure=_("It must not be empty."))
    return {"party_id": wanted["id"], "party_type": wanted["@referredType"]}


def _seen(customer_id: uuid.UUID, caller: Caller) -> VisibleCustomer:
    rows = list(list_visible_customers(sight=caller.sight).filter(id=customer_id))
    return complete_customers(rows, sight=caller.sight)[0]


def _create(wanted: dict[str, Any], caller: Caller, key: str) -> VisibleCustomer:
    made = enter_prospect(
        name=wanted["name"],
        client_id=caller.client_id,
        idempotency_key=key,
        now=caller.now,
        **_party(wanted["engagedParty"]),
    )
    return _seen(made.id, caller)


def _change(row: VisibleCustomer, changes: dict[str, Any], caller: Caller) -> VisibleCustomer:
    # Whoever sends back what it was shown wants nothing changed: the name is not to become its mask.
    wanted = {"name": changes["name"]} if changes.get("name", row.masked_name) != row.masked_name else {}
    if "engagedParty" in changes:
        party = _party(changes["engagedParty"])
        if party != {"party_id": _engaged_party(row)["id"], "party_type": _engaged_party(row)["@referredType"]}:
            wanted |= party
    if not wanted:
        return row
    change_prospect(customer_id=row.customer.id, client_id=caller.client_id, **wanted)
    return _seen(row.customer.id, caller)


def _remove(row: VisibleCustomer, caller: Caller) -> None:
    remove_prospect(customer_id=row.customer.id, client_id=caller.client_id)


def _engaged_party(row: VisibleCustomer) -> dict[str, str]:
    kind = row.customer.party_type or ("Organization" if row.is_company else "Individual")
    return reference(row.customer.party_id or row.customer.id, kind, name=row.masked_name)


def _by_party(texts: Sequence[str]) -> Q:
    ids = []
    for text in texts:
        with contextlib.suppress(ValueError):
            ids.append(uuid.UUID(text))
    return Q(party_id__in=texts) | Q(party_id="", id__in=ids)


def _by_status(texts: Sequence[str]) -> Q | None:
    wanted = [status == _INITIALIZED for status in (_INITIALIZED, _ACTIVE) if status in texts]
    return Q(is_prospect__in=wanted) if wanted else None


def _accounts(row: VisibleCustomer) -> list[dict[str, str]] | None:
    return [
        reference(account.account_id, "BillingAccount", name=account.numbers[0] if account.numbers else "–")
        for account in row.accounts
    ] or None


def _contact_media(row: VisibleCustomer) -> list[dict[str, Any]] | None:
    media = [
        {"mediumType": _MOBILE, "preferred": False, "characteristic": {"phoneNumber": number}}
        for account in row.accounts
        for number in account.numbers
    ]
    media += [
        {"mediumType": _EMAIL, "preferred": False, "characteristic": {"emailAddress": account.email}}
        for account in row.accounts
        if account.email
    ]
    return [medium | {"preferred": number == 0} for number, medium in enumerate(media)] or None


CUSTOMER: Resource[VisibleCustomer] = Resource(
    api=API,
    name="customer",
    type_name="Customer",
    summary="Customers of the accounts that the caller sees, and those it entered itself. Personal data is masked.",
    rows=lambda caller: [list_visible_customers(sight=caller.sight)],
    complete=lambda rows, caller: complete_customers(rows, sight=caller.sight),
    public_id=lambda row: str(row.customer.id),
    find=by_uuid("id"),
    order=("id",),
    attributes=(
        Attribute(
            name="name",
            shape=Text(max_length=80),
            read=lambda row: row.masked_name,
            always=True,
            filters={"": Column("masked_name")},
            sort="masked_name",
            description="Masked: 张*. Filters compare with what is shown.",
        ),
        Attribute(
            name="status",
            shape=Text(choices=(_INITIALIZED, _ACTIVE)),
            read=lambda row: _INITIALIZED if row.customer.is_prospect else _ACTIVE,
            always=True,
            filters={"": _by_status},
            description="initialized: entered by a partner, no account yet.",
        ),
        Attribute(
            name="engagedParty",
            shape=RELATED_PARTY,
            read=_engaged_party,
            always=True,
            filters={"id": _by_party},
            description="The party as the partner that entered it names it, else the customer itself.",
        ),
        Attribute(
            name="validFor",
            shape=TIME_PERIOD,
            read=lambda row: time_period(row.customer.created_at),
            always=True,
            filters={"startDateTime": Column("created_at", Instant())},
            sort="created_at",
        ),
        Attribute(
            name="account",
            shape=ListOf(ACCOUNT),
            read=_accounts,
            description="Those of the accounts that the caller sees, named by their oldest number, masked.",
        ),
        Attribute(
            name="contactMedium",
            shape=ListOf(_CONTACT_MEDIUM),
            read=_contact_media,
            description="Numbers and e-mail addresses of these accounts, masked.",
        ),
    ),
    creation=Creation(
        body=Structure(
            "Customer_Create",
            {
                "name": Text(max_length=80),
                "engagedParty": RELATED_PARTY,
                "status": Text(),
                "statusReason": Text(),
                "account": ListOf(ACCOUNT),
                "agreement": ListOf(reference_shape("Agreement")),
                "characteristic": ListOf(_CHARACTERISTIC),
                "contactMedium": ListOf(_CONTACT_MEDIUM),
                "creditProfile": ListOf(_CREDIT_PROFILE),
                "paymentMethod": ListOf(reference_shape("PaymentMethod")),
                "relatedParty": ListOf(RELATED_PARTY),
                "validFor": TIME_PERIOD,
            },
            required=("name", "engagedParty"),
            description=(
                "engagedParty is the party as the partner's own system names it. All else is taken and not kept: "
                "contacts, accounts and credit come with the document that the customer shows."
            ),
        ),
        create=_create,
        summary="Enters somebody who may become a customer. Staff open the account once they have seen a document.",
        example={
            "name": "张三",
            "engagedParty": {"id": "crm-4711", "@referredType": "Individual"},
        },
    ),
    change=Change(
        body=Structure(
            "Customer_Update",
            {"name": Text(max_length=80), "engagedParty": RELATED_PARTY},
            description="What equals what is shown changes nothing, so that an entity may be sent back as it came.",
        ),
        change=_change,
        summary="Corrects what the partner entered, as long as there is no account.",
        example={"name": "张三丰"},
    ),
    removal=Removal(
        remove=_remove,
        summary="Forgets somebody whom the partner entered; a customer with accounts stays (409).",
    ),
    example={
        "id": "019aaf00-0000-7000-8000-000000000004",
        "href": "https://hall.example.com/tmf-api/customerManagement/v4/customer/019aaf00-0000-7000-8000-000000000004",
        "name": "张*",
        "status": _ACTIVE,
        "engagedParty": {"id": "019aaf00-0000-7000-8000-000000000004", "name": "张*", "@referredType": "Individual"},
        "validFor": {"startDateTime": "2025-03-26T00:32:00Z"},
        "account": [
            {
                "id": "019aaf00-0000-7000-8000-000000000001",
                "name": "138****8000",
                "@referredType": "BillingAccount",
            }
        ],
        "contactMedium": [{"mediumType": _MOBILE, "preferred": True, "characteristic": {"phoneNumber": "138****8000"}}],
        "@type": "Customer",
    },
)
