"""TMF654 adjustBalance: corrections of wallets, and a partner's own way to propose one. Staff decide on it."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.models import Adjustment, AdjustmentReason, AdjustmentState
from billing.operations.adjustments import propose_adjustment
from billing.queries.visible_adjustments import list_visible_adjustments
from kernel.ids import PublicId
from kernel.rest.resource import Attribute, Caller, Column, Creation, Resource, by_public_id, by_uuid
from kernel.rest.shapes import Instant, ListOf, Structure, Text, Yuan
from kernel.rest.structures import QUANTITY, RELATED_PARTY, YUAN_QUANTITY, yuan_quantity
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
    AdjustmentState.PROPOSED: "pending",
    AdjustmentState.POSTED: "completed",
    AdjustmentState.REFUSED: "rejected",
}
_GOODWILL = "goodWillCredit"
# What a partner may propose: which way, and why.
_TYPES = {
    _GOODWILL: (1, AdjustmentReason.GOODWILL),
    "oneTimeChargeCredit": (1, AdjustmentReason.WRONG_CHARGE),
    "generalCredit": (1, AdjustmentReason.SERVICE_FAULT),
    "oneTimeChargeDebit": (-1, AdjustmentReason.MISSING_CHARGE),
    "generalDebit": (-1, AdjustmentReason.PAYMENT_DISPUTE),
}
# What staff propose for other reasons reads as one of the general ones.
_TYPE_OF = {(sign, reason): name for name, (sign, reason) in _TYPES.items()}


def _create(wanted: dict[str, Any], caller: Caller, key: str) -> Adjustment:
    line = line_named_by(wanted, caller)
    sign, reason = _TYPES[wanted.get("adjustType", _GOODWILL)]
    return propose_adjustment(
        account_id=line.account_id,
        line_id=line.id,
        amount_fen=sign * wanted["amount"],
        reason=reason,
        words=wanted.get("reason") or _("Proposed by a partner"),
        request_key=hashlib.sha256(f"{caller.client_id}:{key}".encode()).hexdigest()[:40],
        proposed_by=0,
        proposed_client=caller.client_id,
        now=caller.now,
    )


def _type_of(row: Adjustment) -> str:
    sign = 1 if row.amount_fen > 0 else -1
    return _TYPE_OF.get((sign, AdjustmentReason(row.reason)), "generalCredit" if sign > 0 else "generalDebit")


def _by_status(texts: Sequence[str]) -> Q:
    return Q(state__in=[state for state, status in _STATUS.items() if status in texts])


ADJUST_BALANCE: Resource[Adjustment] = Resource(
    api=API,
    name="adjustBalance",
    type_name="AdjustBalance",
    summary="Corrections of wallets. Each waits for one of the staff, who posts it or turns it down.",
    rows=lambda caller: [list_visible_adjustments(sight=caller.sight)],
    complete=lambda rows, _caller: rows,
    public_id=lambda row: str(PublicId(row.account_id, row.id)),
    find=by_public_id("id"),
    order=("account_id", "id"),
    attributes=(
        Attribute(
            name="status",
            shape=Text(choices=tuple(_STATUS.values())),
            read=lambda row: _STATUS[AdjustmentState(row.state)],
            always=True,
            filters={"": _by_status},
        ),
        Attribute(
            name="amount",
            shape=QUANTITY,
            read=lambda row: yuan_quantity(abs(row.amount_fen)),
            always=True,
            filters={"amount": Column("size_fen", Yuan())},
            sort="size_fen",
            description="Always positive; adjustType says which way.",
        ),
        Attribute(name="adjustType", shape=Text(choices=tuple(_TYPES)), read=_type_of, always=True),
        Attribute(
            name="usageType",
            shape=Text(choices=(MONETARY,)),
            read=lambda _row: MONETARY,
            always=True,
            filters={"": is_money},
        ),
        Attribute(name="reason", shape=Text(), read=lambda row: row.words, always=True),
        Attribute(
            name="requestedDate",
            shape=Instant(),
            read=lambda row: row.proposed_at,
            always=True,
            filters={"": Column("proposed_at", Instant())},
            sort="proposed_at",
        ),
        Attribute(
            name="confirmationDate",
            shape=Instant(),
            read=lambda row: row.checked_at,
            filters={"": Column("checked_at", Instant())},
            description="When it was posted or turned down.",
        ),
        Attribute(
            name="bucket", shape=BUCKET_REF, read=lambda row: BUCKET.reference(wallet_id(row.account_id)), always=True
        ),
        Attribute(
            name="logicalResource",
            shape=LOGICAL_RESOURCE,
            read=lambda row: logical_resource(row.msisdn),
            always=True,
            filters={"id": by_number, "value": by_number},
        ),
        Attribute(
            name="partyAccount",
            shape=PARTY_ACCOUNT,
            read=lambda row: party_account(row.account_id),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
    ),
    creation=Creation(
        body=Structure(
            "AdjustBalance_Create",
            {
                "amount": YUAN_QUANTITY,
                "adjustType": Text(choices=tuple(_TYPES)),
                "logicalResource": LOGICAL_RESOURCE,
                "bucket": BUCKET_REF,
                "product": PRODUCT_REF,
                "reason": Text(max_length=200),
                "usageType": Text(choices=(MONETARY,)),
                "description": Text(max_length=500),
                "relatedParty": ListOf(RELATED_PARTY),
            },
            required=("amount",),
            description=(
                "Exactly one of logicalResource (the number as id or value), bucket (the monetary bucket) and product "
                f"names whose wallet it is. Without adjustType it is {_GOODWILL}. description and relatedParty are "
                "taken and not kept."
            ),
        ),
        create=_create,
        summary="Proposes a correction. Nothing moves until one of the staff has posted it.",
        example={
            "amount": {"amount": 5, "units": "CNY"},
            "adjustType": _GOODWILL,
            "reason": "Late delivery",
            "logicalResource": {"value": "13800138000"},
        },
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAACA",
        "href": "https://hall.example.com/tmf-api/prepayBalanceManagement/v4/adjustBalance/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAACA",
        "status": "pending",
        "amount": {"amount": 5, "units": "CNY"},
        "adjustType": _GOODWILL,
        "usageType": MONETARY,
        "reason": "Late delivery",
        "requestedDate": "2026-03-26T00:32:00.104233Z",
        "bucket": {
            "id": "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA",
            "href": "https://hall.example.com/tmf-api/prepayBalanceManagement/v4/bucket/"
            "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA",
            "@referredType": "Bucket",
        },
        "logicalResource": {"id": "13800138000", "value": "13800138000", "@referredType": "LogicalResource"},
        "partyAccount": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "@type": "AdjustBalance",
    },
)
