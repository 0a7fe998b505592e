"""TMF676 refund: money that goes back to who paid it, and a partner's own way to ask for one. Staff decide on it."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.api.payment import PAYMENT
from billing.api.payment_management import (
    AMOUNTS,
    API,
    AUTHORIZED,
    CHANNEL,
    DENIED,
    DONE,
    FAILED,
    PAYMENT_METHOD,
    WAITING,
    account,
    amount_of,
    line_of,
    payment_method,
)
from billing.models import RefundState
from billing.operations.partner_refunds import request_refund_for_partner
from billing.queries.visible_refunds import list_visible_refunds
from kernel.errors import NotFound
from kernel.ids import PublicId
from kernel.rest.resource import Attribute, Caller, Column, Creation, Resource, by_public_id, by_uuid
from kernel.rest.shapes import Instant, Structure, Text, Yuan
from kernel.rest.structures import ACCOUNT, MONEY, RELATED_PARTY, money, reference_shape

_STATUS = {
    RefundState.REQUESTED: WAITING,
    RefundState.REJECTED: DENIED,
    RefundState.APPROVED: AUTHORIZED,
    RefundState.UNKNOWN: AUTHORIZED,
    RefundState.SUCCEEDED: DONE,
    RefundState.FAILED: FAILED,
}
_PAYMENT = reference_shape("Payment")


def _payment_named_by(wanted: dict[str, Any], account_id: uuid.UUID) -> uuid.UUID | None:
    """:raises NotFound: the payment is not one of the account."""
    if "payment" not in wanted:
        return None
    try:
        named = PublicId.parse(wanted["payment"]["id"])
    except ValueError:
        raise NotFound(field="payment.id") from None
    if named.account_id != account_id:
        raise NotFound(field="payment.id")
    return named.row_id


def _create(wanted: dict[str, Any], caller: Caller, key: str) -> Any:
    amount_fen = amount_of(wanted)
    account_id = line_of(wanted, caller).account_id
    try:
        refund = request_refund_for_partner(
            account_id=account_id,
            top_up_id=_payment_named_by(wanted, account_id),
            amount_fen=amount_fen,
            reason=wanted.get("description", "").strip() or _("Asked for by a partner"),
            client_id=caller.client_id,
            idempotency_key=key,
            now=caller.now,
        )
    except NotFound:
        raise NotFound(field="payment.id") from None
    return list_visible_refunds(sight=caller.sight).get(account_id=account_id, id=refund.id)


def _by_status(texts: Sequence[str]) -> Q:
    return Q(state__in=[state for state, status in _STATUS.items() if status in texts])


REFUND: Resource[Any] = Resource(
    api=API,
    name="refund",
    type_name="Refund",
    summary="Money on its way back to who paid it. Each waits for one of the staff, who lets it go or turns it down.",
    rows=lambda caller: [list_visible_refunds(sight=caller.sight)],
    complete=lambda refunds, _caller: refunds,
    public_id=lambda refund: str(PublicId(refund.account_id, refund.id)),
    find=by_public_id("id"),
    order=("account_id", "id"),
    attributes=(
        Attribute(
            name="account",
            shape=ACCOUNT,
            read=lambda refund: account(refund.account_id),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
        Attribute(
            name="payment",
            shape=_PAYMENT,
            read=lambda refund: PAYMENT.reference(str(PublicId(refund.account_id, refund.top_up_id))),
            always=True,
            filters={"id": by_public_id("top_up_id")},
        ),
        Attribute(
            name="paymentMethod",
            shape=PAYMENT_METHOD,
            read=lambda refund: payment_method(refund.provider),
            always=True,
            filters={"id": Column("provider")},
            description="The way the money came, which is the way it goes back.",
        ),
        Attribute(
            name="totalAmount",
            shape=MONEY,
            read=lambda refund: money(refund.amount_fen),
            always=True,
            filters={"value": Column("amount_fen", Yuan())},
            sort="amount_fen",
        ),
        Attribute(
            name="amount",
            shape=MONEY,
            read=lambda refund: money(refund.amount_fen),
            always=True,
            filters={"value": Column("amount_fen", Yuan())},
            sort="amount_fen",
            description="The same: no tax was paid with it.",
        ),
        Attribute(
            name="status",
            shape=Text(choices=(WAITING, AUTHORIZED, DONE, FAILED, DENIED)),
            read=lambda refund: _STATUS[RefundState(refund.state)],
            always=True,
            filters={"": _by_status},
        ),
        Attribute(
            name="statusDate",
            shape=Instant(),
            read=lambda refund: refund.state_at,
            always=True,
            filters={"": Column("state_at", Instant())},
            sort="state_at",
        ),
        Attribute(
            name="refundDate",
            shape=Instant(),
            read=lambda refund: refund.refunded_at,
            filters={"": Column("refunded_at", Instant())},
            description="When the payment provider gave it back, where it has.",
        ),
        Attribute(name="description", shape=Text(max_length=200), read=lambda refund: refund.reason, always=True),
    ),
    creation=Creation(
        body=Structure(
            "Refund_Create",
            {
                "account": ACCOUNT,
                "paymentMethod": PAYMENT_METHOD,
                **AMOUNTS,
                "payment": _PAYMENT,
                "description": Text(max_length=200),
                "name": Text(),
                "correlatorId": Text(max_length=64),
                "authorizationCode": Text(),
                "channel": CHANNEL,
                "refundDate": Instant(),
                "requestor": RELATED_PARTY,
            },
            required=("account", "paymentMethod", "totalAmount"),
            description=(
                "payment names what is given back, the whole or a part of it; without one it is the latest payment "
                "that so much is left of. description is the reason, for the books and the payer. amount and taxAmount "
                "may be left out; all else is taken and not kept."
            ),
        ),
        create=_create,
        summary=(
            "Asks for money to be given back the way it came, through the payment provider. Nothing moves until one of "
            "the staff lets it go. What a partner took is corrected by adjustBalance of prepay balance instead."
        ),
        example={
            "account": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
            "payment": {"id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABR", "@referredType": "Payment"},
            "paymentMethod": {"name": "as it came", "@type": "digitalWallet"},
            "totalAmount": {"unit": "CNY", "value": 20},
            "description": "Paid twice",
        },
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAACQ",
        "href": "https://hall.example.com/tmf-api/paymentManagement/v4/refund/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAACQ",
        "account": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "payment": {
            "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABR",
            "href": "https://hall.example.com/tmf-api/paymentManagement/v4/payment/"
            "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABR",
            "@referredType": "Payment",
        },
        "paymentMethod": {"id": "alipay", "name": "payment provider", "@type": "digitalWallet"},
        "totalAmount": {"unit": "CNY", "value": 20},
        "amount": {"unit": "CNY", "value": 20},
        "status": WAITING,
        "statusDate": "2026-11-22T06:30:00Z",
        "description": "Paid twice",
        "@type": "Refund",
    },
)
