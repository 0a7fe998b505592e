"""TMF654 topupBalance: the top-ups of accounts, and a partner's own way to make one."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from billing.models import TopUpState
from billing.operations.top_ups import credit_partner_top_up
from billing.queries.visible_top_ups import list_visible_payments, order_id_condition
from kernel.channel import Channel
from kernel.ids import PublicId
from kernel.rest.resource import Attribute, Caller, Column, Creation, Resource, by_public_id, by_uuid
from kernel.rest.shapes import Instant, Structure, Text, Yuan
from kernel.rest.structures import QUANTITY, YUAN_QUANTITY, reference, reference_shape, yuan_quantity
from packages_app.api.bucket import BUCKET
from packages_app.api.prepay_balance import (
    API,
    BUCKET_REF,
    LOGICAL_RESOURCE,
    PARTY_ACCOUNT,
    PRODUCT_REF,
    by_number,
    is_money,
    logical_resource,
    party_account,
    wallet_id,
)
from packages_app.api.target import line_named_by
from packages_app.queries.prepay_buckets import MONETARY

_STATUS = {
    TopUpState.PENDING: "pending",
    TopUpState.UNKNOWN: "inProgress",
    TopUpState.SUCCEEDED: "completed",
    TopUpState.FAILED: "failed",
}


def _create(wanted: dict[str, Any], caller: Caller, key: str) -> Any:
    line = line_named_by(wanted, caller)
    top_up = credit_partner_top_up(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        amount_fen=wanted["amount"],
        client_id=caller.client_id,
        idempotency_key=wanted.get("externalId") or key,
        now=caller.now,
    )
    return _visible(caller).get(account_id=top_up.account_id, id=top_up.id)


def _visible(caller: Caller) -> QuerySet[Any]:
    return list_visible_payments(sight=caller.sight, client_id=caller.client_id)


def _by_status(texts: Sequence[str]) -> Q:
    return Q(state__in=[state for state, status in _STATUS.items() if status in texts])


TOPUP_BALANCE: Resource[Any] = Resource(
    api=API,
    name="topupBalance",
    type_name="TopupBalance",
    summary="Money that is on its way to accounts, has arrived, or did not arrive.",
    rows=lambda caller: [_visible(caller)],
    complete=lambda top_ups, _caller: top_ups,
    public_id=lambda top_up: str(PublicId(top_up.account_id, top_up.id)),
    find=by_public_id("id"),
    order=("account_id", "id"),
    attributes=(
        Attribute(
            name="status",
            shape=Text(choices=tuple(_STATUS.values())),
            read=lambda top_up: _STATUS[TopUpState(top_up.state)],
            always=True,
            filters={"": _by_status},
        ),
        Attribute(
            name="amount",
            shape=QUANTITY,
            read=lambda top_up: yuan_quantity(top_up.amount_fen),
            always=True,
            filters={"amount": Column("amount_fen", Yuan())},
            sort="amount_fen",
        ),
        Attribute(
            name="usageType",
            shape=Text(choices=(MONETARY,)),
            read=lambda _top_up: MONETARY,
            always=True,
            filters={"": is_money},
        ),
        Attribute(
            name="requestedDate",
            shape=Instant(),
            read=lambda top_up: top_up.requested_at,
            always=True,
            filters={"": Column("requested_at", Instant())},
            sort="requested_at",
        ),
        Attribute(
            name="confirmationDate",
            shape=Instant(),
            read=lambda top_up: top_up.finished_at if top_up.state == TopUpState.SUCCEEDED else None,
            description="When the money was credited.",
        ),
        Attribute(
            name="externalId",
            shape=Text(max_length=64),
            read=lambda top_up: top_up.order_id or None,
            filters={"": order_id_condition},
            description="The caller's own order id: externalId of its POST, without one the Idempotency-Key.",
        ),
        Attribute(
            name="channel",
            shape=reference_shape("Channel"),
            read=lambda top_up: reference(top_up.channel, "Channel", name=str(Channel(top_up.channel).label)),
            always=True,
            filters={"id": Column("channel")},
        ),
        Attribute(
            name="bucket",
            shape=BUCKET_REF,
            read=lambda top_up: BUCKET.reference(wallet_id(top_up.account_id)),
            always=True,
            description="The wallet that is credited.",
        ),
        Attribute(
            name="logicalResource",
            shape=LOGICAL_RESOURCE,
            read=lambda top_up: logical_resource(top_up.msisdn),
            always=True,
            filters={"id": by_number, "value": by_number},
        ),
        Attribute(
            name="partyAccount",
            shape=PARTY_ACCOUNT,
            read=lambda top_up: party_account(top_up.account_id),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
    ),
    creation=Creation(
        body=Structure(
            "TopupBalance_Create",
            {
                "amount": YUAN_QUANTITY,
                "logicalResource": LOGICAL_RESOURCE,
                "bucket": BUCKET_REF,
                "product": PRODUCT_REF,
                "usageType": Text(choices=(MONETARY,)),
                "externalId": Text(max_length=64),
                "description": Text(max_length=500),
                "reason": Text(max_length=500),
                "@type": Text(choices=("TopupBalance",)),
            },
            required=("amount",),
            description=(
                "Exactly one of logicalResource (the number as id or value), bucket (the monetary bucket) and product "
                "names what is credited. externalId is the partner's order id: one order of an account is credited "
                "once, whatever keys it is sent with. description and reason are taken and not kept."
            ),
        ),
        create=_create,
        summary=(
            "Credits money that the partner has taken. It is on the wallet when the answer comes; a text says so."
        ),
        example={
            "amount": {"amount": 49.9, "units": "CNY"},
            "logicalResource": {"value": "13800138000"},
            "externalId": "order-20261122-0001",
        },
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABQ",
        "href": "https://hall.example.com/tmf-api/prepayBalanceManagement/v4/topupBalance/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABQ",
        "status": "completed",
        "amount": {"amount": 49.9, "units": "CNY"},
        "usageType": MONETARY,
        "requestedDate": "2026-03-26T00:32:00.104233Z",
        "confirmationDate": "2026-03-26T00:32:00.104233Z",
        "externalId": "order-20261122-0001",
        "channel": {"id": "PARTNER", "name": "partner system", "@referredType": "Channel"},
        "bucket": {
            "id": "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA",
            "href": "https://hall.example.com/tmf-api/prepayBalanceManagement/v4/bucket/"
            "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA",
            "@referredType": "Bucket",
        },
        "logicalResource": {"id": "13800138000", "value": "13800138000", "@referredType": "LogicalResource"},
        "partyAccount": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "@type": "TopupBalance",
    },
)
