"""What TMF622 tells of an order: its items and prices, who is part of it, and how it ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kernel.ids import PublicId
from kernel.rest.resource import by_uuid
from kernel.rest.structures import money, reference
from packages_app.api.prepay_balance import logical_resource
from packages_app.api.product import PRODUCT
from packages_app.api.product_offering import PRODUCT_OFFERING
from packages_app.models import Order, OrderState
from packages_app.operations.confirm_order import refusal_behind
from packages_app.queries.terms import get_name
from packages_app.queries.visible_orders import CANCELLED, FAILED, VisibleOrder, get_partner_condition


def _prices(name: str, now_fen: int, monthly_fen: int, points: int) -> list[dict[str, Any]]:
    prices: list[dict[str, Any]] = [
        {"name": name, "priceType": "oneTime", "price": {"taxIncludedAmount": money(now_fen)}}
    ]
    if monthly_fen:
        price = {"taxIncludedAmount": money(monthly_fen)}
        prices.append({"name": name, "priceType": "recurring", "recurringChargePeriod": "month", "price": price})
    if points:
        prices.append({"name": name, "priceType": "points", "unitOfMeasure": str(points)})
    return prices


def _monthly_fen(order: Order) -> int:
    return int(order.quote.get("monthly_fen", 0))


def _points(order: Order) -> int:
    return int(order.terms.get("points_price") or 0)


def total_prices(found: VisibleOrder) -> list[dict[str, Any]]:
    """Return what the customer is charged for all of it: at the confirmation, each month, and in points."""
    return _prices(
        _("In all"),
        sum(order.price_fen for order in found.items),
        sum(map(_monthly_fen, found.items)),
        sum(map(_points, found.items)),
    )


def items_of(found: VisibleOrder) -> list[dict[str, Any]]:
    """Return everything ordered, by the partner's own numbers where a partner asked for it."""
    numbers = found.asked_by.item_ids if found.asked_by else []
    return [
        _item(found, order, numbers[index] if index < len(numbers) else str(index + 1))
        for index, order in enumerate(found.items)
    ]


def _item(found: VisibleOrder, order: Order, number: str) -> dict[str, Any]:
    name = get_name(order.terms, found.language)
    product: dict[str, Any] = {"realizingResource": [logical_resource(found.msisdn)]}
    if order.state == OrderState.COMPLETED:
        product |= PRODUCT.reference(str(PublicId(order.account_id, order.id)), name=name)
    return {
        "id": number,
        "action": "add",
        "quantity": 1,
        "state": found.state,
        "productOffering": PRODUCT_OFFERING.reference(order.offering_id, name=name),
        "product": product,
        "itemTotalPrice": _prices(name, order.price_fen, _monthly_fen(order), _points(order)),
    }


def parties_of(found: VisibleOrder) -> list[dict[str, str]]:
    """Return the customer, and the partner that asked."""
    customer = reference(found.customer_id, "Customer", name=found.customer_name, role="customer")
    if found.asked_by is None:
        return [customer]
    asked_by = found.asked_by
    return [customer, reference(asked_by.client_id, "Organization", name=asked_by.client_name, role="partner")]


def by_party(texts: Sequence[str]) -> Q:
    """Return the condition that an order is of one of these customers, or was asked for by one of these partners."""
    customers = by_uuid("account__customer_id")(texts)
    partners = get_partner_condition(texts)
    return partners if customers is None else customers | partners


def cancelled_at(found: VisibleOrder) -> datetime | None:
    """Return when an order came to nothing; None while it has not."""
    if found.state != CANCELLED:
        return None
    return found.first.expires_at if found.is_lapsed else found.first.ended_at


def cancellation_reason(found: VisibleOrder) -> str | None:
    """Return why an order came to nothing; None while it has not."""
    if found.state != CANCELLED:
        return None
    if found.is_lapsed:
        return _("Not confirmed in time.")
    if found.first.state == OrderState.REFUSED:
        return _("Turned down by the customer.")
    return (found.asked_by and found.asked_by.cancellation_reason) or _("Taken back by who asked for it.")


def notes_of(found: VisibleOrder) -> list[dict[str, Any]] | None:
    """Return why an order failed."""
    if found.state != FAILED:
        return None
    return [
        {"id": "1", "author": "hall", "date": found.first.ended_at, "text": refusal_behind(order=found.first).message}
    ]
