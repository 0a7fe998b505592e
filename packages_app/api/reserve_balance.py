"""TMF654 reserveBalance: money set aside in wallets, and a partner's own way to set some aside."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.models import HoldState
from billing.operations.partner_holds import reserve_for_partner
from billing.queries.visible_holds import Reservation, list_reservations, list_visible_holds
from kernel.ids import PublicId
from kernel.rest.resource import Attribute, Caller, Column, Creation, Resource, by_public_id, by_uuid
from kernel.rest.shapes import Instant, ListOf, Structure, Text, Yuan
from kernel.rest.structures import QUANTITY, RELATED_PARTY, YUAN_QUANTITY, reference, yuan_quantity
from packages_app.api.bucket import BUCKET
from packages_app.api.prepay_balance import (
    API,
    BUCKET_REF,
    LOGICAL_RESOURCE,
    PARTY_ACCOUNT,
    PRODUCT_REF,
    is_money,
    party_account,
    wallet_id,
)
from packages_app.api.target import line_named_by
from packages_app.queries.prepay_buckets import MONETARY

_STATUS = {
    HoldState.HELD: "reserved",
    HoldState.CAPTURED: "used",
    HoldState.RELEASED: "released",
    HoldState.EXPIRED: "expired",
}


def _create(wanted: dict[str, Any], caller: Caller, key: str) -> Reservation:
    line = line_named_by(wanted, caller)
    hold = reserve_for_partner(
        account_id=line.account_id,
        amount_fen=wanted["amount"],
        purpose=wanted.get("reason") or _("Reserved by a partner"),
        client_id=caller.client_id,
        idempotency_key=key,
        expires_at=wanted.get("expirationDate"),
        now=caller.now,
    )
    return list_reservations([hold])[0]


def _by_status(texts: Sequence[str]) -> Q:
    return Q(state__in=[state for state, status in _STATUS.items() if status in texts])


def _customer(found: Reservation) -> list[dict[str, str]]:
    return [reference(found.hold.account.customer_id, "Customer", name=found.customer_name, role="customer")]


RESERVE_BALANCE: Resource[Reservation] = Resource(
    api=API,
    name="reserveBalance",
    type_name="ReserveBalance",
    summary="Money set aside in wallets: nobody else can spend it until it is used or goes free.",
    rows=lambda caller: [list_visible_holds(sight=caller.sight)],
    complete=lambda holds, _caller: list_reservations(holds),
    public_id=lambda found: str(PublicId(found.hold.account_id, found.hold.id)),
    find=by_public_id("id"),
    order=("account_id", "id"),
    attributes=(
        Attribute(
            name="status",
            shape=Text(choices=tuple(_STATUS.values())),
            read=lambda found: _STATUS[HoldState(found.hold.state)],
            always=True,
            filters={"": _by_status},
        ),
        Attribute(
            name="amount",
            shape=QUANTITY,
            read=lambda found: yuan_quantity(found.hold.amount_fen),
            always=True,
            filters={"amount": Column("amount_fen", Yuan())},
            sort="amount_fen",
        ),
        Attribute(
            name="usageType",
            shape=Text(choices=(MONETARY,)),
            read=lambda _found: MONETARY,
            always=True,
            filters={"": is_money},
        ),
        Attribute(name="reason", shape=Text(), read=lambda found: found.hold.purpose, always=True),
        Attribute(
            name="requestedDate",
            shape=Instant(),
            read=lambda found: found.hold.held_at,
            always=True,
            filters={"": Column("held_at", Instant())},
            sort="held_at",
        ),
        Attribute(
            name="confirmationDate",
            shape=Instant(),
            read=lambda found: found.hold.held_at,
            always=True,
            description="When the money was set aside: at once.",
        ),
        Attribute(
            name="expirationDate",
            shape=Instant(),
            read=lambda found: found.hold.expires_at,
            always=True,
            filters={"": Column("expires_at", Instant())},
            sort="expires_at",
            description="When it goes free by itself.",
        ),
        Attribute(
            name="bucket",
            shape=BUCKET_REF,
            read=lambda found: BUCKET.reference(wallet_id(found.hold.account_id)),
            always=True,
        ),
        Attribute(
            name="partyAccount",
            shape=PARTY_ACCOUNT,
            read=lambda found: party_account(found.hold.account_id),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
        Attribute(
            name="relatedParty",
            shape=ListOf(RELATED_PARTY),
            read=_customer,
            always=True,
            filters={"id": by_uuid("account__customer_id")},
        ),
    ),
    creation=Creation(
        body=Structure(
            "ReserveBalance_Create",
            {
                "amount": YUAN_QUANTITY,
                "logicalResource": LOGICAL_RESOURCE,
                "bucket": BUCKET_REF,
                "product": PRODUCT_REF,
                "expirationDate": Instant(),
                "reason": Text(max_length=120),
                "usageType": Text(choices=(MONETARY,)),
                "description": Text(max_length=500),
                "relatedParty": ListOf(RELATED_PARTY),
            },
            required=("amount",),
            description=(
                "Exactly one of logicalResource (the number as id or value), bucket (the monetary bucket) and product "
                "names whose money it is. description and relatedParty are taken and not kept."
            ),
        ),
        create=_create,
        summary="Sets money of a wallet aside. It goes free by itself at expirationDate; nothing is charged.",
        example={"amount": {"amount": 20, "units": "CNY"}, "logicalResource": {"value": "13800138000"}},
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw",
        "href": "https://hall.example.com/tmf-api/prepayBalanceManagement/v4/reserveBalance/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw",
        "status": "reserved",
        "amount": {"amount": 20, "units": "CNY"},
        "usageType": MONETARY,
        "reason": "Film tickets",
        "requestedDate": "2026-03-26T00:32:00.104233Z",
        "confirmationDate": "2026-03-26T00:32:00.104233Z",
        "expirationDate": "2026-03-27T00:32:00.104233Z",
        "bucket": {
            "id": "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA",
            "href": "https://hall.example.com/tmf-api/prepayBalanceManagement/v4/bucket/"
            "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA",
            "@referredType": "Bucket",
        },
        "partyAccount": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "relatedParty": [
            {
                "id": "019aaf00-0000-7000-8000-000000000004",
                "name": "陈**",
                "role": "customer",
                "@referredType": "Customer",
            }
        ],
        "@type": "ReserveBalance",
    },
)
