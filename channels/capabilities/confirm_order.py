"""The second yes to an order, from the line itself.

Arguments: `code`, the order's code or "" for a bare yes; `reply`, the exact words, kept as evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from django.conf import settings

from accounts.models import Line
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.texts import ORDER_DONE, SEVERAL_ORDERS
from kernel.money import yuan_text
from messaging.texts import ENGLISH
from packages_app.models import Order, Recurrence
from packages_app.operations.confirm_order import (
    NothingWaiting,
    SeveralOrdersWaiting,
    confirm_order,
    confirm_order_by_code,
)
from packages_app.operations.order_codes import renew_order_code
from packages_app.operations.order_steps import require_waiting
from packages_app.queries.orders import list_orders_of_line, list_waiting_orders
from packages_app.queries.terms import get_name

_LINES_A_TEXT = 8
# How long after its time limit an order is still the one that a late yes means.
_REMEMBERED = timedelta(days=1)
_A_MONTH = {ENGLISH: " a month"}


@dataclass(frozen=True)
class OrderDone(Answer):
    """The order that was carried out."""

    order: Order

    def words(self, language: str) -> Sequence[Words]:
        monthly = self.order.terms["recurrence"] == Recurrence.MONTHLY
        values = {
            "name": get_name(self.order.terms, language),
            "price": yuan_text(self.order.price_fen),
            "cycle": _A_MONTH.get(language, "/月") if monthly else "",
        }
        return [Words(ORDER_DONE, values)]


@dataclass(frozen=True)
class SeveralOrders(Answer):
    """A bare yes with several orders waiting: none was confirmed, and each has a new code, told to the line only."""

    orders: Sequence[tuple[Order, str]]
    yes: str

    outcome = SeveralOrdersWaiting.code

    def words(self, language: str) -> Sequence[Words]:
        lines = [_choice(language, f"{self.yes} {code}", order) for order, code in self.orders]
        starts = range(0, len(lines), _LINES_A_TEXT)
        return [
            Words(SEVERAL_ORDERS, {"count": len(lines), "orders": "\n".join(lines[start : start + _LINES_A_TEXT])})
            for start in starts
        ]


def _choice(language: str, reply: str, order: Order) -> str:
    name, price = get_name(order.terms, language), yuan_text(order.price_fen)
    return f"{reply} ({name}, {price} yuan)" if language == ENGLISH else f"{reply}（{name}，{price}元）"


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> Answer:
    """Confirm the order that is meant.

    :raises NothingWaiting: no order waits, and none ended lately.
    :raises DomainError: as `packages_app.operations.confirm_order`.
    """
    code, reply = arguments["code"], arguments["reply"]
    if code:
        return OrderDone(
            confirm_order_by_code(
                account_id=line.account_id, line_id=line.id, channel=channel, code=code, reply=reply, now=now
            )
        )
    waiting = list_waiting_orders(line.account_id, line.id, now)
    if not waiting:
        _refuse_late_yes(line, now)
    try:
        return OrderDone(
            confirm_order(
                account_id=line.account_id,
                order_id=waiting[0].id,
                channel=channel,
                code=None,
                from_line=True,
                reply=reply,
                now=now,
            )
        )
    except SeveralOrdersWaiting:
        return _list_with_codes(line, now)


def _refuse_late_yes(line: Line, now: datetime) -> NoReturn:
    """Say what became of the order that a yes must mean when none waits."""
    for latest in list_orders_of_line(line.account_id, line.id, limit=1):
        if now < latest.expires_at + _REMEMBERED:
            require_waiting(order=latest, now=now)
    raise NothingWaiting


def _list_with_codes(line: Line, now: datetime) -> SeveralOrders:
    # Locked in the order of their ids, as everywhere.
    waiting = sorted(list_waiting_orders(line.account_id, line.id, now), key=lambda order: order.id)
    listed = [(order, renew_order_code(account_id=line.account_id, order_id=order.id, now=now)) for order in waiting]
    return SeveralOrders(listed, settings.CONFIRMATION_WORDS[0])


CAPABILITY = Capability("confirm_order", run)
