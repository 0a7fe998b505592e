"""Orders but for their confirmation (`confirm_order`): a wish is quoted, refused by the customer, or lapses."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.operations.budgets import BudgetSpent, take_from_budget
from accounts.queries.lines import get_line
from kernel.channel import Channel
from kernel.errors import DomainError
from packages_app.locks import lock_order, lock_order_unless_busy
from packages_app.models import EvidenceKind, Order, OrderState
from packages_app.operations.eligibility import require_orderable
from packages_app.operations.order_codes import hash_code, make_code, queue_order_text
from packages_app.operations.order_steps import (
    OrderRefused,
    add_evidence,
    expire_locked_order,
    refuse_locked_order,
    require_waiting,
)
from packages_app.queries.catalogue import get_offering
from packages_app.queries.terms import get_terms

# Where a yes can be given on the same screen, so that an hour or two will do. Elsewhere the reply comes by text.
_ONLINE = frozenset({Channel.WEB, Channel.WAP, Channel.APP, Channel.WECHAT, Channel.WEIBO})


class RequestKeyReused(DomainError):
    """The key of this wish was used before, for another line or offering."""

    code = "IDEMPOTENCY_CONFLICT"
    message = _("This order was already sent with other details.")
    cure = _("Start the order again.")
    http_status = 422


class TooManyOrders(BudgetSpent):
    """The line asked for as many orders as it may in a day: each costs a text and gives a guesser new tries."""

    code = "TOO_MANY_ORDERS"
    message = _("So many orders were started for this number today that no more can be taken online.")


class AlreadyWaiting(DomainError):
    """The same thing was asked for before and waits for its confirmation: that order is the one to confirm.

    :ivar order_id: the waiting order; None when it ended this very moment.
    """

    code = "ALREADY_WAITING"
    message = _("You have ordered this already; it waits for your confirmation.")
    cure = _("Confirm that order or turn it down first.")
    http_status = 409

    def __init__(self, *, order_id: uuid.UUID | None) -> None:
        super().__init__()
        self.order_id = order_id


def quote_order(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    offering_code: str,
    channel: str,
    request_key: str,
    now: datetime,
) -> Order:
    """Note a wish, keep what was offered, and send the text that asks for the second yes. Moves no money.

    :param channel: a `kernel.channel.Channel` value; it decides how long the order waits.
    :param request_key: names this wish, 120 characters at most: the same key again returns the same order.
    :return: the order, waiting; or in whatever state it is by now, if the key was met before.
    :raises NotFound: the account has no such line.
    :raises OfferingUnknown: there is no such offering.
    :raises RequestKeyReused: the key was used for another line or offering.
    :raises AlreadyWaiting: an order of the line for the same offering waits for its confirmation.
    :raises TooManyOrders: the line asked for `ORDERS_PER_LINE_DAY` of them within a day.
    :raises DomainError: the line may not have it or the balance is too low, as `require_orderable`.
    """
    with transaction.atomic():
        known = _order_of(account_id, request_key)
        if known is None:
            try:
                known = _insert_order(account_id, line_id, offering_code, channel, request_key, now)
            except AlreadyWaiting:
                # Of a wish sent twice at once, the later may find the earlier only here.
                known = _order_of(account_id, request_key)
                if known is None:
                    raise
    if (known.line_id, known.offering_id) != (line_id, offering_code):
        raise RequestKeyReused
    return known


def _insert_order(
    account_id: uuid.UUID, line_id: uuid.UUID, offering_code: str, channel: str, request_key: str, now: datetime
) -> Order:
    line = get_line(account_id=account_id, line_id=line_id)
    offering = get_offering(code=offering_code)
    _make_way(account_id, line_id, offering_code, now)
    require_orderable(line=line, offering=offering, now=now)
    terms = get_terms(offering)
    code = make_code(account_id=account_id, line_id=line_id)
    order = Order(
        account_id=account_id,
        line_id=line_id,
        offering=offering,
        terms=terms,
        price_fen=offering.price_fen,
        channel=channel,
        request_key=request_key,
        quoted_at=now,
        expires_at=now + _lifetime(channel),
    )
    order.code_hash = hash_code(order_id=order.id, code=code)
    # Two unique keys guard the insert: one order per request key, one waiting order per line and offering.
    Order.objects.bulk_create([order], ignore_conflicts=True)
    kept = _order_of(account_id, request_key)
    if kept is None:
        raise AlreadyWaiting(order_id=_waiting_order_id(account_id, line_id, offering_code))
    if kept.id == order.id:
        _take_order_budget(line_id, now)
        add_evidence(order=kept, kind=EvidenceKind.OFFERED, channel=channel, now=now, detail={"terms": terms})
        queue_order_text(order=kept, code=code, channel=channel, now=now)
    return kept


def _take_order_budget(line_id: uuid.UUID, now: datetime) -> None:
    limit = settings.ORDERS_PER_LINE_DAY
    try:
        take_from_budget(key=f"order:line:day:{line_id}", limit=limit, period=timedelta(days=1), now=now)
    except BudgetSpent as spent:
        raise TooManyOrders(next_at=spent.next_at, now=now) from None


def _lifetime(channel: str) -> timedelta:
    seconds = (
        settings.ORDER_CONFIRMATION_WEB_LIFETIME if channel in _ONLINE else settings.ORDER_CONFIRMATION_SMS_LIFETIME
    )
    return timedelta(seconds=seconds)


def _order_of(account_id: uuid.UUID, request_key: str) -> Order | None:
    return Order.objects.filter(account_id=account_id, request_key=request_key).first()


def _waiting_order_id(account_id: uuid.UUID, line_id: uuid.UUID, offering_code: str) -> uuid.UUID | None:
    waiting = Order.objects.filter(
        account_id=account_id,
        line_id=line_id,
        offering_id=offering_code,
        state=OrderState.AWAITING_CONFIRMATION,
    )
    return waiting.values_list("id", flat=True).first()


def _make_way(account_id: uuid.UUID, line_id: uuid.UUID, offering_code: str, now: datetime) -> None:
    """Refuse a second wish for what waits already; end an order that lapsed and that no sweeper has found yet."""
    waiting_id = _waiting_order_id(account_id, line_id, offering_code)
    if waiting_id is None:
        return
    order = lock_order(account_id=account_id, order_id=waiting_id)
    if order.state_at(now) == OrderState.AWAITING_CONFIRMATION:
        raise AlreadyWaiting(order_id=order.id)
    if order.state == OrderState.AWAITING_CONFIRMATION:
        expire_locked_order(order=order, now=now)


def refuse_order(*, account_id: uuid.UUID, order_id: uuid.UUID, channel: str, reply: str, now: datetime) -> Order:
    """End a waiting order because the customer says no. Saying no twice changes nothing.

    :param reply: the exact words, or the name of the button.
    :raises NotFound: the account has no such order.
    :raises AlreadyConfirmed: it is carried out; what it brought can be cancelled.
    :raises OrderExpired: its time limit is over.
    :raises OrderFailed: it could not be carried out.
    """
    with transaction.atomic():
        order = lock_order(account_id=account_id, order_id=order_id)
        try:
            require_waiting(order=order, now=now)
        except OrderRefused:
            return order
        refuse_locked_order(order=order, channel=channel, reply=reply, now=now)
    return order


def expire_orders(*, now: datetime, limit: int) -> int:
    """End orders whose time limit is over: tidying only, since every step looks at the limit itself.

    Each order is a transaction of its own; one that is being confirmed this moment is left alone.

    :param limit: how many orders at most.
    :return: how many were ended.
    """
    due = Order.objects.filter(state=OrderState.AWAITING_CONFIRMATION, expires_at__lte=now).order_by("expires_at")
    ended = 0
    for account_id, order_id in list(due.values_list("account_id", "id")[:limit]):
        with transaction.atomic():
            order = lock_order_unless_busy(account_id=account_id, order_id=order_id)
            if order is not None and order.state == OrderState.AWAITING_CONFIRMATION:
                expire_locked_order(order=order, now=now)
                ended += 1
    return ended
