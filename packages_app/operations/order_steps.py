"""The steps an order can take, and the proof that each of them leaves. Callers hold the order's lock."""

from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.errors import DomainError
from packages_app.models import EvidenceKind, Order, OrderEvidence, OrderState

TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.AWAITING_CONFIRMATION: frozenset(
        {OrderState.COMPLETED, OrderState.REFUSED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.FAILED}
    ),
    OrderState.COMPLETED: frozenset(),
    OrderState.REFUSED: frozenset(),
    OrderState.CANCELLED: frozenset(),
    OrderState.EXPIRED: frozenset(),
    OrderState.FAILED: frozenset(),
}

BY_LINE = "LINE"
BY_HALL = "HALL"
# Before the name of the member of staff who acted for the line.
BY_STAFF = "STAFF:"
# Before the name of the partner system that asked.
BY_PARTNER = "PARTNER:"
_LONGEST_ACTOR = 60

LONGEST_REPLY = 1000


class AlreadyConfirmed(DomainError):
    """The order was confirmed before, here or on another channel."""

    code = "ALREADY_CONFIRMED"
    message = _("This order is already confirmed and carried out.")
    cure = _("Nothing was ordered or charged a second time.")
    http_status = 409


class OrderExpired(DomainError):
    """The order was not confirmed in time."""

    code = "ORDER_EXPIRED"
    message = _("This order was not confirmed in time, so nothing was ordered or charged.")
    cure = _("Order again if you still want it.")
    http_status = 409


class OrderRefused(DomainError):
    """The customer said no to the order before."""

    code = "ORDER_REFUSED"
    message = _("You turned this order down, so nothing was ordered or charged.")
    cure = _("Order again if you still want it.")
    http_status = 409


class OrderCancelled(DomainError):
    """Who asked for the order took it back before."""

    code = "ORDER_CANCELLED"
    message = _("This order was cancelled by who asked for it, so nothing was ordered or charged.")
    cure = _("Order it yourself if you want it.")
    http_status = 409


class OrderFailed(DomainError):
    """The order could not be carried out before."""

    code = "ORDER_FAILED"
    message = _("This order could not be carried out, so nothing was ordered or charged.")
    cure = _("Order again if you still want it.")
    http_status = 409


_ENDED: dict[OrderState, type[DomainError]] = {
    OrderState.COMPLETED: AlreadyConfirmed,
    OrderState.EXPIRED: OrderExpired,
    OrderState.REFUSED: OrderRefused,
    OrderState.CANCELLED: OrderCancelled,
    OrderState.FAILED: OrderFailed,
}


def staff_actor(*, username: str) -> str:
    """Return how evidence names a member of staff who acts for a line at its request."""
    return f"{BY_STAFF}{username}"[:_LONGEST_ACTOR]


def partner_actor(*, name: str) -> str:
    """Return how evidence names a partner system that asked for something on its own."""
    return f"{BY_PARTNER}{name}"[:_LONGEST_ACTOR]


def require_waiting(*, order: Order, now: datetime) -> None:
    """Refuse an order that cannot be confirmed any more at `now`, swept or not.

    :raises AlreadyConfirmed: it is carried out.
    :raises OrderExpired: its time limit is over.
    :raises OrderRefused: the customer said no.
    :raises OrderCancelled: who asked for it took it back.
    :raises OrderFailed: it could not be carried out.
    """
    refusal = _ENDED.get(order.state_at(now))
    if refusal is not None:
        raise refusal


def add_evidence(
    *,
    order: Order,
    kind: EvidenceKind,
    channel: str,
    now: datetime,
    actor: str = BY_LINE,
    detail: dict[str, Any] | None = None,
) -> OrderEvidence:
    """Add the next step to an order's proof.

    A step is never earlier than the one before it: of two requests at once, the one that waited for the order's lock
    may carry the earlier `now`.

    :param order: locked, or inserted by the caller's transaction, so that numbers have no gaps and no doubles.
    :param channel: a `kernel.channel.Channel` value: where it happened.
    :param actor: the line itself, the hall, or who acted for the line.
    :param detail: JSON values: the terms, the text, the exact reply.
    """
    steps = OrderEvidence.objects.filter(account_id=order.account_id, order_id=order.id)
    last = steps.aggregate(number=Max("number"), at=Max("at"))
    return OrderEvidence.objects.create(
        account_id=order.account_id,
        order_id=order.id,
        number=(last["number"] or 0) + 1,
        kind=kind,
        channel=channel,
        actor=actor,
        detail=detail or {},
        at=max(now, last["at"] or now),
    )


def complete_order(*, order: Order, channel: str, now: datetime) -> None:
    """Mark a locked order as confirmed and carried out.

    :param channel: where the second yes was given.
    """
    order.confirmed_at = add_evidence(order=order, kind=EvidenceKind.CONFIRMED, channel=channel, now=now).at
    order.confirmed_channel = channel
    _move(order, OrderState.COMPLETED, now)


def refuse_locked_order(*, order: Order, channel: str, reply: str, now: datetime, actor: str = BY_LINE) -> None:
    """Mark a locked order as refused by the customer, with the exact reply.

    :param actor: who wrote it down.
    """
    _move(order, OrderState.REFUSED, now)
    add_evidence(
        order=order,
        kind=EvidenceKind.REFUSED,
        channel=channel,
        actor=actor,
        now=now,
        detail={"reply": kept_words(reply=reply)},
    )


def cancel_locked_order(*, order: Order, channel: str, actor: str, reason: str, now: datetime) -> None:
    """Mark a locked order as taken back by who asked for it, with the words given."""
    _move(order, OrderState.CANCELLED, now)
    detail = {"reason": kept_words(reply=reason)}
    add_evidence(order=order, kind=EvidenceKind.CANCELLED, channel=channel, actor=actor, now=now, detail=detail)


def expire_locked_order(*, order: Order, now: datetime) -> None:
    """Mark a locked order as not confirmed in time."""
    _move(order, OrderState.EXPIRED, now)
    add_evidence(order=order, kind=EvidenceKind.EXPIRED, channel=Channel.SYSTEM, actor=BY_HALL, now=now)


def fail_locked_order(*, order: Order, failure: str, channel: str, now: datetime) -> None:
    """Mark a locked order as one that could not be carried out.

    :param failure: code of the refusal.
    """
    order.failure = failure
    _move(order, OrderState.FAILED, now)
    add_evidence(
        order=order, kind=EvidenceKind.FAILED, channel=channel, actor=BY_HALL, now=now, detail={"failure": failure}
    )


def kept_words(*, reply: str) -> str:
    """Return a customer's words as evidence keeps them: exact but for what no column can hold, and not endless."""
    return reply.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")[:LONGEST_REPLY]


def _move(order: Order, state: OrderState, now: datetime) -> None:
    if state not in TRANSITIONS[OrderState(order.state)]:
        raise ValueError(f"an order cannot go from {order.state} to {state}")
    order.state = state
    order.ended_at = now
    order.save(update_fields=["state", "ended_at", "confirmed_at", "confirmed_channel", "failure"])
