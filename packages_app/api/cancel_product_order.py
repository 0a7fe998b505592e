"""TMF622 cancelProductOrder: orders that partners took back before their customers said yes."""

from typing import Any

from kernel.errors import NotFound
from kernel.ids import PublicId
from kernel.rest.resource import Attribute, Caller, Column, Creation, Resource, by_public_id
from kernel.rest.selection import find_row
from kernel.rest.shapes import Instant, Structure, Text
from packages_app.api.product_order import PRODUCT_ORDER
from packages_app.api.product_ordering import API, PRODUCT_ORDER_REF
from packages_app.models import PartnerOrder
from packages_app.operations.partner_orders import cancel_partner_order
from packages_app.queries.visible_orders import list_visible_cancellations

_DONE = "done"
_REASON = Text(max_length=500)


def _public_id(asked: PartnerOrder) -> str:
    return str(PublicId(asked.account_id, asked.order_id))


def _create(wanted: dict[str, Any], caller: Caller, _key: str) -> PartnerOrder:
    found = find_row(PRODUCT_ORDER, wanted["productOrder"]["id"], caller)
    if found is None:
        raise NotFound(field="productOrder.id")
    return cancel_partner_order(
        account_id=found.first.account_id,
        order_id=found.first.id,
        client_id=caller.client_id,
        reason=wanted.get("cancellationReason", ""),
        now=caller.now,
    )


CANCEL_PRODUCT_ORDER: Resource[PartnerOrder] = Resource(
    api=API,
    name="cancelProductOrder",
    type_name="CancelProductOrder",
    summary="Orders that partners took back while they waited for their customers' yes.",
    rows=lambda caller: [list_visible_cancellations(sight=caller.sight)],
    complete=lambda cancelled, _caller: cancelled,
    public_id=_public_id,
    find=by_public_id("order_id"),
    order=("account_id", "order_id"),
    attributes=(
        Attribute(name="state", shape=Text(choices=(_DONE,)), read=lambda _asked: _DONE, always=True),
        Attribute(
            name="productOrder",
            shape=PRODUCT_ORDER_REF,
            read=lambda asked: PRODUCT_ORDER.reference(_public_id(asked)),
            always=True,
            filters={"id": by_public_id("order_id")},
        ),
        Attribute(
            name="effectiveCancellationDate",
            shape=Instant(),
            read=lambda asked: asked.cancelled_at,
            always=True,
            filters={"": Column("cancelled_at", Instant())},
            sort="cancelled_at",
        ),
        Attribute(name="cancellationReason", shape=_REASON, read=lambda asked: asked.cancellation_reason or None),
    ),
    creation=Creation(
        body=Structure(
            "CancelProductOrder_Create",
            {"productOrder": PRODUCT_ORDER_REF, "cancellationReason": _REASON, "requestedCancellationDate": Instant()},
            required=("productOrder",),
            description="It is cancelled at once: requestedCancellationDate is taken and not kept.",
        ),
        create=_create,
        summary=(
            "Takes back an order that this partner asked for and that still waits for its customer's yes. What the "
            "customer has confirmed is carried out, and only the customer can cancel it: 409."
        ),
        example={
            "productOrder": {"id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw"},
            "cancellationReason": "The buyer changed their mind.",
        },
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw",
        "href": "https://hall.example.com/tmf-api/productOrderingManagement/v4/cancelProductOrder/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw",
        "state": _DONE,
        "productOrder": {
            "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw",
            "href": "https://hall.example.com/tmf-api/productOrderingManagement/v4/productOrder/"
            "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw",
            "@referredType": "ProductOrder",
        },
        "effectiveCancellationDate": "2026-11-22T06:45:00Z",
        "cancellationReason": "The buyer changed their mind.",
        "@type": "CancelProductOrder",
    },
)
