"""The second yes to an order, from the line itself.

Arguments: `code`, the order's code or "" for a bare yes; `reply`, the exact words, kept as evidence.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from accounts.models import Line
from channels.capabilities.base import Answer, Arguments, Capability, Refusal, Words
from channels.texts import CART_DONE, OFFERED_ANEW, ORDER_DONE, ORDER_DONE_FOR_LATER, SEVERAL_ORDERS
from kernel.errors import DomainError
from kernel.money import yuan_text
from messaging.texts import ENGLISH, day_words
from packages_app.models import Order, Recurrence
from packages_app.operations.confirm_order import (
    NothingWaiting,
    SeveralOrdersWaiting,
    TermsChanged,
    confirm_order,
    confirm_order_by_code,
)
from packages_app.operations.order_codes import renew_order_code
from packages_app.operations.order_steps import require_waiting
from packages_app.operations.orders import quote_again
from packages_app.queries.orders import (
    group_by_cart,
    list_orders_of_cart,
    list_orders_of_line,
    list_waiting_orders,
)
from packages_app.queries.quotes import parse_instant
from packages_app.queries.terms import get_name
from packages_app.texts import yes_word

_LINES_A_TEXT = 8
# How long after its time limit an order is still the one that a late yes means.
_REMEMBERED = timedelta(days=1)
_A_MONTH = {ENGLISH: " a month"}


@dataclass(frozen=True)
class OrderDone(Answer):
    """What was carried out: one order, or all of a cart."""

    cart: Sequence[Order]

    def words(self, language: str) -> Sequence[Words]:
        if len(self.cart) > 1:
            values = {"names": _names(language, self.cart), "price": _price(self.cart)}
            return [Words(CART_DONE, values)]
        (order,) = self.cart
        name, starts_at = get_name(order.terms, language), parse_instant(order.quote["starts_at"])
        if starts_at is not None:
            price = yuan_text(order.quote["monthly_fen"])
            return [Words(ORDER_DONE_FOR_LATER, {"name": name, "day": day_words(language, starts_at), "price": price})]
        # A first month that costs another price than those that follow is told as what was charged.
        recurs = order.terms["recurrence"] == Recurrence.MONTHLY and order.price_fen == order.terms["price_fen"]
        cycle = _A_MONTH.get(language, "/月") if recurs else ""
        return [Words(ORDER_DONE, {"name": name, "price": _price(self.cart), "cycle": cycle})]


@dataclass(frozen=True)
class SeveralOrders(Answer):
    """A bare yes with several carts waiting: none was confirmed, and each has a new code, told to the line only."""

    carts: Sequence[tuple[Sequence[Order], str]]

    outcome = SeveralOrdersWaiting.code

    def words(self, language: str) -> Sequence[Words]:
        lines = [_choice(language, f"{yes_word(language)} {code}", cart) for cart, code in self.carts]
        starts = range(0, len(lines), _LINES_A_TEXT)
        return [
            Words(SEVERAL_ORDERS, {"count": len(lines), "orders": "\n".join(lines[start : start + _LINES_A_TEXT])})
            for start in starts
        ]


@dataclass(frozen=True)
class OfferedAnew(Answer):
    """The offer changed, so nothing was carried out: a new order waits, with a text and a code of its own."""

    order: Order

    outcome = TermsChanged.code

    def words(self, language: str) -> Sequence[Words]:
        return [Words(OFFERED_ANEW, {"name": _names(language, list_orders_of_cart(self.order))})]


def _choice(language: str, reply: str, cart: Sequence[Order]) -> str:
    names, price = _names(language, cart), _price(cart)
    return f"{reply} ({names}, {price} yuan)" if language == ENGLISH else f"{reply}（{names}，{price}元）"


def _names(language: str, cart: Sequence[Order]) -> str:
    return (" + " if language == ENGLISH else "＋").join(get_name(order.terms, language) for order in cart)


def _price(cart: Sequence[Order]) -> str:
    return yuan_text(sum(order.price_fen for order in cart))


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> Answer:
    """Confirm the order that is meant.

    :raises NothingWaiting: no order waits, and none ended lately.
    :raises DomainError: as `packages_app.operations.confirm_order`.
    """
    try:
        return _confirm(line, channel, arguments["code"], arguments["reply"], now)
    except TermsChanged as refusal:
        if refusal.order_id is None:
            raise
        return _offer_anew(line, refusal.order_id, channel, now) or Refusal(refusal)


def _confirm(line: Line, channel: str, code: str, reply: str, now: datetime) -> Answer:
    if code:
        confirmed = confirm_order_by_code(
            account_id=line.account_id, line_id=line.id, channel=channel, code=code, reply=reply, now=now
        )
        return OrderDone(list_orders_of_cart(confirmed))
    waiting = list_waiting_orders(line.account_id, line.id, now)
    if not waiting:
        _refuse_late_yes(line, now)
    try:
        confirmed = confirm_order(
            account_id=line.account_id,
            order_id=waiting[0].id,
            channel=channel,
            code=None,
            from_line=True,
            reply=reply,
            now=now,
        )
    except SeveralOrdersWaiting:
        return _list_with_codes(line, now)
    return OrderDone(list_orders_of_cart(confirmed))


def _offer_anew(line: Line, order_id: uuid.UUID, channel: str, now: datetime) -> Answer | None:
    """Quote an order again whose offer changed; None when it cannot be had any more."""
    try:
        return OfferedAnew(quote_again(account_id=line.account_id, order_id=order_id, channel=channel, now=now))
    except DomainError:
        return None


def _refuse_late_yes(line: Line, now: datetime) -> NoReturn:
    """Say what became of the order that a yes must mean when none waits."""
    for latest in list_orders_of_line(line.account_id, line.id, limit=1):
        if now < latest.expires_at + _REMEMBERED:
            require_waiting(order=latest, now=now)
    raise NothingWaiting


def _list_with_codes(line: Line, now: datetime) -> SeveralOrders:
    # Locked in the order of their ids, as everywhere.
    waiting = sorted(list_waiting_orders(line.account_id, line.id, now), key=lambda order: order.id)
    listed = [
        (cart, renew_order_code(account_id=line.account_id, order_id=cart[0].id, now=now))
        for cart in group_by_cart(waiting)
    ]
    return SeveralOrders(listed)


CAPABILITY = Capability("confirm_order", run)
