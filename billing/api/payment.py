"""TMF676 payment: money that accounts were paid, and a partner's own way to pay some in."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from billing.api.payment_management import (
    AMOUNTS,
    API,
    CHANNEL,
    DONE,
    FAILED,
    PAYMENT_METHOD,
    WAITING,
    account,
    amount_of,
    line_of,
    payment_method,
)
from billing.models import TopUpState
from billing.operations.top_ups import credit_partner_top_up
from billing.queries.visible_top_ups import list_visible_payments, order_id_condition
from kernel.channel import Channel
from kernel.ids import PublicId
from kernel.rest.resource import Attribute, Caller, Column, Creation, Resource, by_public_id, by_uuid
from kernel.rest.shapes import Instant, ListOf, Structure, Text, Yuan
from kernel.rest.structures import ACCOUNT, MONEY, RELATED_PARTY, money, reference, reference_shape

_STATUS = {
    TopUpState.PENDING: WAITING,
    TopUpState.UNKNOWN: WAITING,
    TopUpState.SUCCEEDED: DONE,
    TopUpState.FAILED: FAILED,
}
_ITEM = Structure(
    "PaymentItem",
    {"id": Text(), "href": Text(), "item": reference_shape("Entity"), **AMOUNTS},
    required=("item",),
)
_POINT_OF_INTERACTION = Structure(
    "PointOfInteraction",
    {
        "id": Text(),
        "href": Text(),
        "modeOfEntry": Text(),
        "retrievalReferenceNumber": Text(),
        "transactionDate": Instant(),
        "resource": reference_shape("Resource"),
    },
)


def _create(wanted: dict[str, Any], caller: Caller, key: str) -> Any:
    amount_fen = amount_of(wanted)
    line = line_of(wanted, caller)
    top_up = credit_partner_top_up(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        amount_fen=amount_fen,
        client_id=caller.client_id,
        idempotency_key=wanted.get("correlatorId") or key,
        now=caller.now,
    )
    payments = list_visible_payments(sight=caller.sight, client_id=caller.client_id)
    return payments.get(account_id=top_up.account_id, id=top_up.id)


def _by_status(texts: Sequence[str]) -> Q:
    return Q(state__in=[state for state, status in _STATUS.items() if status in texts])


PAYMENT: Resource[Any] = Resource(
    api=API,
    name="payment",
    type_name="Payment",
    summary="Money that accounts were paid, whichever way it came; the same as the top-ups of prepay balance.",
    rows=lambda caller: [list_visible_payments(sight=caller.sight, client_id=caller.client_id)],
    complete=lambda payments, _caller: payments,
    public_id=lambda payment: str(PublicId(payment.account_id, payment.id)),
    find=by_public_id("id"),
    order=("account_id", "id"),
    attributes=(
        Attribute(
            name="account",
            shape=ACCOUNT,
            read=lambda payment: account(payment.account_id),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
        Attribute(
            name="paymentMethod",
            shape=PAYMENT_METHOD,
            read=lambda payment: payment_method(payment.provider),
            always=True,
            filters={"id": Column("provider")},
        ),
        Attribute(
            name="totalAmount",
            shape=MONEY,
            read=lambda payment: money(payment.amount_fen),
            always=True,
            filters={"value": Column("amount_fen", Yuan())},
            sort="amount_fen",
        ),
        Attribute(
            name="amount",
            shape=MONEY,
            read=lambda payment: money(payment.amount_fen),
            always=True,
            filters={"value": Column("amount_fen", Yuan())},
            sort="amount_fen",
            description="The same: a payment in advance carries no tax.",
        ),
        Attribute(
            name="status",
            shape=Text(choices=(WAITING, DONE, FAILED)),
            read=lambda payment: _STATUS[TopUpState(payment.state)],
            always=True,
            filters={"": _by_status},
        ),
        Attribute(
            name="statusDate",
            shape=Instant(),
            read=lambda payment: payment.state_at,
            always=True,
            filters={"": Column("state_at", Instant())},
            sort="state_at",
        ),
        Attribute(
            name="paymentDate",
            shape=Instant(),
            read=lambda payment: payment.paid_at or payment.state_at if payment.state == TopUpState.SUCCEEDED else None,
            description="When it was paid, where it was.",
        ),
        Attribute(
            name="correlatorId",
            shape=Text(max_length=64),
            read=lambda payment: payment.order_id or None,
            filters={"": order_id_condition},
            description="The caller's own order id: correlatorId of its POST, without one the Idempotency-Key.",
        ),
        Attribute(
            name="channel",
            shape=CHANNEL,
            read=lambda payment: reference(payment.channel, "Channel", name=str(Channel(payment.channel).label)),
            always=True,
            filters={"id": Column("channel")},
        ),
    ),
    creation=Creation(
        body=Structure(
            "Payment_Create",
            {
                "account": ACCOUNT,
                "paymentMethod": PAYMENT_METHOD,
                **AMOUNTS,
                "correlatorId": Text(max_length=64),
                "name": Text(),
                "description": Text(max_length=500),
                "authorizationCode": Text(),
                "channel": CHANNEL,
                "paymentItem": ListOf(_ITEM),
                "pointOfInteraction": _POINT_OF_INTERACTION,
                "relatedParty": ListOf(RELATED_PARTY),
            },
            required=("account", "paymentMethod", "totalAmount"),
            description=(
                "totalAmount is credited to the wallet of the account, from which what it owes is paid. correlatorId "
                "is the partner's order id: one order of an account is credited once, whatever keys it is sent with. "
                "amount and taxAmount may be left out; all else is taken and not kept."
            ),
        ),
        create=_create,
        summary="Credits money that the partner has taken. It is on the wallet when the answer comes; a text says so.",
        example={
            "account": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
            "paymentMethod": {"name": "market wallet", "@type": "digitalWallet"},
            "totalAmount": {"unit": "CNY", "value": 49.9},
            "correlatorId": "order-20261122-0001",
        },
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABQ",
        "href": "https://hall.example.com/tmf-api/paymentManagement/v4/payment/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABQ",
        "account": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "paymentMethod": {"id": "PARTNER", "name": "paid to a partner", "@type": "partner"},
        "totalAmount": {"unit": "CNY", "value": 49.9},
        "amount": {"unit": "CNY", "value": 49.9},
        "status": DONE,
        "statusDate": "2026-11-22T06:30:00.104233Z",
        "paymentDate": "2026-11-22T06:30:00.104233Z",
        "correlatorId": "order-20261122-0001",
        "channel": {"id": "PARTNER", "name": "partner system", "@referredType": "Channel"},
        "@type": "Payment",
    },
)
