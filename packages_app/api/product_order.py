"""TMF622 productOrder: wishes of customers, and a partner's own way to ask one. Only the customer's yes counts."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.channel import Channel
from kernel.clock import month_of
from kernel.errors import DomainError, NotFound
from kernel.ids import PublicId
from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Attribute, Caller, Change, Column, Creation, Resource, by_public_id, by_uuid
from kernel.rest.selection import find_row
from kernel.rest.shapes import Instant, ListOf, Structure, Text
from kernel.rest.structures import RELATED_PARTY, reference
from packages_app.api.order_answer import (
    by_party,
    cancellation_reason,
    cancelled_at,
    items_of,
    notes_of,
    parties_of,
    total_prices,
)
from packages_app.api.order_target import line_of_order
from packages_app.api.product_ordering import (
    API,
    BILLING_ACCOUNT,
    CHANNEL,
    ITEM,
    NOTE,
    ORDER_PRICE,
    WANTED_ITEM,
)
from packages_app.models import Order, OrderStart
from packages_app.operations.orders import MOST_IN_CART
from packages_app.operations.partner_orders import PartnerWish, describe_partner_order, order_for_partner
from packages_app.operations.plan_change import StartNotPossible
from packages_app.queries.catalogue import get_offering
from packages_app.queries.visible_orders import (
    CANCELLED,
    COMPLETED,
    FAILED,
    ORDER_STATES,
    VisibleOrder,
    get_external_id_condition,
    get_offering_condition,
    list_orders_with_items,
    list_visible_orders,
)

# Attributes that a partner may word as it likes, and their columns.
_WORDS = {"externalId": "external_id", "category": "category", "description": "description", "priority": "priority"}
_WORD_SHAPES = {
    "externalId": Text(max_length=100),
    "category": Text(max_length=100),
    "description": Text(max_length=500),
    "priority": Text(max_length=20),
}


class ActionNotTaken(DomainError):
    """Something else than a new product was asked for over REST."""

    code = "ORDER_ACTION_NOT_TAKEN"
    message = gettext_lazy("Over this interface things can be ordered, not changed or cancelled.")
    cure = gettext_lazy("Send “add”. What a customer has, it changes or cancels itself.")


class StateFollowsCustomer(DomainError):
    """A partner wants an order to be where only its customer can take it."""

    code = "ORDER_STATE_FOLLOWS_CUSTOMER"
    message = gettext_lazy("The state of an order follows from what its customer says.")
    cure = gettext_lazy("Wait for the customer's yes, or take the order back by cancelProductOrder.")
    field = "state"
    http_status = 409


def _word(attribute: str) -> Attribute[VisibleOrder]:
    column = _WORDS[attribute]
    return Attribute(
        name=attribute,
        shape=_WORD_SHAPES[attribute],
        read=lambda found: (found.asked_by and getattr(found.asked_by, column)) or None,
        filters={"": get_external_id_condition} if attribute == "externalId" else None,
    )


def _create(wanted: dict[str, Any], caller: Caller, key: str) -> VisibleOrder:
    items = wanted["productOrderItem"]
    _require_orderable(items)
    line = line_of_order(wanted, caller)
    order = order_for_partner(
        wish=PartnerWish(
            account_id=line.account_id,
            line_id=line.id,
            client_id=caller.client_id,
            client_name=caller.client_name,
            offering_codes=[item["productOffering"]["id"] for item in items],
            item_ids=[item["id"] for item in items],
            start=_start(wanted.get("requestedStartDate"), items, caller.now),
            requested_start_at=wanted.get("requestedStartDate"),
            **{column: wanted.get(name, "") for name, column in _WORDS.items()},
        ),
        request_key="partner:" + hashlib.sha256(f"{caller.client_id}|{key}".encode()).hexdigest(),
        now=caller.now,
    )
    return _find(order, caller)


def _require_orderable(items: Sequence[dict[str, Any]]) -> None:
    """Refuse items that nothing can be ordered by, naming what is wrong.

    :raises AttributeInvalid: there is none, one names no offering, or two have one number.
    :raises ActionNotTaken: one wants something else than a new product.
    :raises OfferingUnknown: one names an offering that there is not.
    """
    if not items:
        raise AttributeInvalid(field="productOrderItem", cure=_("It must not be empty."))
    for index, item in enumerate(items):
        path = f"productOrderItem[{index}]"
        if item["action"] != "add":
            raise ActionNotTaken(field=f"{path}.action")
        if item.get("quantity", 1) != 1:
            raise AttributeInvalid(field=f"{path}.quantity", cure=_("One of each can be ordered."))
        if "productOffering" not in item:
            raise AttributeInvalid(field=f"{path}.productOffering", cure=_("It must be given."))
        if any(other["id"] == item["id"] for other in items[:index]):
            raise AttributeInvalid(field=f"{path}.id", cure=_("Each item has its own."))
        try:
            get_offering(code=item["productOffering"]["id"])
        except NotFound as refusal:
            refusal.field = f"{path}.productOffering.id"
            raise


def _start(wanted_at: datetime | None, items: Sequence[object], now: datetime) -> str | None:
    """Return when a plan is to begin: with the confirmation, or on the first of next month.

    :raises StartNotPossible: on another day, or next month for several things at once.
    """
    if wanted_at is None:
        return None
    first_of_next = month_of(now).ends_at
    if wanted_at > first_of_next or (wanted_at == first_of_next and len(items) > 1):
        raise StartNotPossible(field="requestedStartDate")
    return OrderStart.NEXT_MONTH if wanted_at == first_of_next else OrderStart.NOW


def _change(found: VisibleOrder, changes: dict[str, Any], caller: Caller) -> VisibleOrder:
    if changes.get("state", found.state) != found.state:
        raise StateFollowsCustomer
    words = {_WORDS[name]: text or "" for name, text in changes.items() if name in _WORDS}
    if not words:
        return found
    describe_partner_order(
        account_id=found.first.account_id, order_id=found.first.id, client_id=caller.client_id, words=words
    )
    return _find(found.first, caller)


def _find(order: Order, caller: Caller) -> VisibleOrder:
    found = find_row(PRODUCT_ORDER, str(PublicId(order.account_id, order.id)), caller)
    assert found is not None  # who may order for an account sees its orders
    return found


_EXAMPLE_ITEM = {
    "id": "1",
    "action": "add",
    "productOffering": {"id": "DATA-10G"},
    "product": {"realizingResource": [{"value": "13800138000"}]},
}

PRODUCT_ORDER: Resource[VisibleOrder] = Resource(
    api=API,
    name="productOrder",
    type_name="ProductOrder",
    summary=(
        "What was ordered for the numbers of an account, on whichever channel. An order is acknowledged, pending once "
        "its customer has been asked by text, and completed by the customer's own yes and nothing else; without it, it "
        "ends as cancelled. Nothing is charged before."
    ),
    rows=lambda caller: [list_visible_orders(sight=caller.sight, now=caller.now)],
    complete=lambda orders, caller: list_orders_with_items(orders, language=caller.language, now=caller.now),
    public_id=lambda found: str(PublicId(found.first.account_id, found.first.id)),
    find=by_public_id("id"),
    order=("account_id", "id"),
    attributes=(
        Attribute(
            name="state",
            shape=Text(choices=ORDER_STATES),
            read=lambda found: found.state,
            always=True,
            filters={"": Column("stands")},
            description="cancelled: turned down, taken back, or not confirmed in time.",
        ),
        Attribute(
            name="orderDate",
            shape=Instant(),
            read=lambda found: found.first.quoted_at,
            always=True,
            filters={"": Column("quoted_at", Instant())},
            sort="quoted_at",
        ),
        *(_word(attribute) for attribute in _WORDS),
        Attribute(
            name="requestedStartDate",
            shape=Instant(),
            read=lambda found: found.asked_by and found.asked_by.requested_start_at,
        ),
        Attribute(
            name="expectedCompletionDate",
            shape=Instant(),
            read=lambda found: None if found.state in (COMPLETED, CANCELLED, FAILED) else found.first.expires_at,
            description="The customer can say yes before this instant.",
        ),
        Attribute(
            name="completionDate",
            shape=Instant(),
            read=lambda found: found.first.confirmed_at,
            filters={"": Column("confirmed_at", Instant())},
            sort="confirmed_at",
        ),
        Attribute(name="cancellationDate", shape=Instant(), read=cancelled_at),
        Attribute(name="cancellationReason", shape=Text(), read=cancellation_reason),
        Attribute(
            name="channel",
            shape=ListOf(CHANNEL),
            read=lambda found: [
                reference(found.first.channel, "Channel", name=str(Channel(found.first.channel).label), role="ordering")
            ],
            always=True,
            filters={"id": Column("channel")},
        ),
        Attribute(
            name="billingAccount",
            shape=BILLING_ACCOUNT,
            read=lambda found: reference(found.first.account_id, "BillingAccount"),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
        Attribute(name="orderTotalPrice", shape=ListOf(ORDER_PRICE), read=total_prices, always=True),
        Attribute(
            name="productOrderItem",
            shape=ListOf(ITEM),
            read=items_of,
            always=True,
            filters={"productOffering.id": get_offering_condition},
        ),
        Attribute(
            name="relatedParty",
            shape=ListOf(RELATED_PARTY),
            read=parties_of,
            always=True,
            filters={"id": by_party},
            description="The customer, and the partner that asked for it.",
        ),
        Attribute(name="note", shape=ListOf(NOTE), read=notes_of, description="Why it failed."),
    ),
    creation=Creation(
        body=Structure(
            "ProductOrder_Create",
            {
                **_WORD_SHAPES,
                "productOrderItem": ListOf(WANTED_ITEM, max_length=MOST_IN_CART),
                "billingAccount": BILLING_ACCOUNT,
                "relatedParty": ListOf(RELATED_PARTY),
                "requestedStartDate": Instant(),
                "requestedCompletionDate": Instant(),
                "channel": ListOf(CHANNEL),
                "note": ListOf(NOTE),
                "notificationContact": Text(),
            },
            required=("productOrderItem",),
            description=(
                "Up to five items, each an offering to add to one number: named by an item's product, or the only one "
                "of billingAccount or of a relatedParty of type Customer. A plan comes by itself; requestedStartDate "
                "may be the first instant of next month in Asia/Shanghai. requestedCompletionDate, channel, note and "
                "notificationContact are taken and not kept."
            ),
        ),
        create=_create,
        summary=(
            "Asks the customer by a text with a code. The order is carried out when the customer says yes to it, by "
            "reply or on its page; a partner cannot say it. Items are confirmed as one, at the prices answered here."
        ),
        example={"externalId": "SHOP-2026-0001", "productOrderItem": [_EXAMPLE_ITEM]},
    ),
    change=Change(
        body=Structure(
            "ProductOrder_Update",
            {**_WORD_SHAPES, "state": Text()},
            description="A state other than the one that it has is refused.",
        ),
        change=_change,
        clearable=tuple(_WORDS),
        summary="Changes what the partner that asked for it says of it; what is ordered stays as it is.",
        example={"externalId": "SHOP-2026-0001", "description": "order of the autumn campaign"},
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw",
        "href": "https://hall.example.com/tmf-api/productOrderingManagement/v4/productOrder/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAABw",
        "state": "pending",
        "orderDate": "2026-11-22T06:30:00Z",
        "externalId": "SHOP-2026-0001",
        "expectedCompletionDate": "2026-11-23T06:30:00Z",
        "channel": [{"id": "PARTNER", "name": "partner system", "role": "ordering", "@referredType": "Channel"}],
        "billingAccount": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "orderTotalPrice": [
            {
                "name": "In all",
                "priceType": "oneTime",
                "price": {"taxIncludedAmount": {"unit": "CNY", "value": 15}},
            }
        ],
        "productOrderItem": [
            {
                "id": "1",
                "action": "add",
                "quantity": 1,
                "state": "pending",
                "productOffering": {
                    "id": "DATA-10G",
                    "href": "https://hall.example.com/tmf-api/productCatalogManagement/v4/productOffering/DATA-10G",
                    "name": "10 GB data pack",
                    "@referredType": "ProductOffering",
                },
                "product": {
                    "realizingResource": [
                        {"id": "13800138000", "value": "13800138000", "@referredType": "LogicalResource"}
                    ],
                },
                "itemTotalPrice": [
                    {
                        "name": "10 GB data pack",
                        "priceType": "oneTime",
                        "price": {"taxIncludedAmount": {"unit": "CNY", "value": 15}},
                    }
                ],
            }
        ],
        "relatedParty": [
            {
                "id": "019aaf00-0000-7000-8000-000000000004",
                "name": "陈**",
                "role": "customer",
                "@referredType": "Customer",
            },
            {"id": "shop", "name": "A shop", "role": "partner", "@referredType": "Organization"},
        ],
        "@type": "ProductOrder",
    },
)
