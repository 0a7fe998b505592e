"""Orders but for their confirmation (`confirm_order`): a wish is quoted, refused by the customer, or lapses."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Line
from accounts.operations.budgets import BudgetSpent, take_from_budget
from accounts.operations.sim_cards import require_no_recent_sim_change
from accounts.queries.lines import get_line
from kernel.channel import Channel
from kernel.errors import DomainError
from packages_app.locks import lock_cart, lock_order, lock_order_unless_busy
from packages_app.models import EvidenceKind, Offering, OfferingKind, Order, OrderState
from packages_app.operations.eligibility import require_affordable, require_eligible, require_points
from packages_app.operations.order_codes import hash_code, make_code, queue_order_text
from packages_app.operations.order_steps import (
    BY_LINE,
    AlreadyConfirmed,
    OrderRefused,
    add_evidence,
    expire_locked_order,
    refuse_locked_order,
    require_waiting,
)
from packages_app.operations.plan_change import choose_start, get_plan_starts
from packages_app.queries.catalogue import get_offering
from packages_app.queries.orders import get_order, list_orders_of_cart
from packages_app.queries.quotes import Quote, get_order_start, get_quote, parse_instant
from packages_app.queries.sensitive_orders import is_sensitive
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


# All of it must be said in one text.
MOST_IN_CART = 5


class CartRefused(DomainError):
    """A cart holds one to five things, each once, none of them a plan."""

    code = "CART_REFUSED"
    message = _("These cannot be ordered in one go.")
    cure = _("Put up to five things in, each once, and order a plan by itself.")


def preview_order(*, line: Line, offering_code: str, start: str | None, now: datetime) -> tuple[Offering, Quote]:
    """Return an offering and what an order of it would cost and change, without noting anything.

    :param start: an `OrderStart` value; None chooses the gentlest way.
    :raises OfferingUnknown: there is no such offering.
    :raises DomainError: the line may not have it so, as `quote_order`; the balance is not looked at.
    """
    offering = get_offering(code=offering_code)
    require_eligible(line=line, offering=offering, now=now)
    starts = get_plan_starts(account_id=line.account_id, line_id=line.id, offering=offering, now=now)
    chosen = choose_start(starts=starts, start=start)
    return offering, get_quote(terms=get_terms(offering), start=chosen, replaces=starts.replaces, now=now)


def quote_order(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    offering_code: str,
    channel: str,
    request_key: str,
    now: datetime,
    start: str | None = None,
    actor: str = BY_LINE,
) -> Order:
    """Note a wish, keep what was offered, and send the text that asks for the second yes. Moves no money.

    :param channel: a `kernel.channel.Channel` value; it decides how long the order waits.
    :param request_key: names this wish, 120 characters at most: the same key again returns the same order.
    :param start: an `OrderStart` value; None chooses the gentlest way, as `get_plan_starts`.
    :param actor: who asked: the line, or who acts for it (`staff_actor`, `partner_actor`).
    :return: the order, waiting; or in whatever state it is by now, if the key was met before.
    :raises NotFound: the account has no such line.
    :raises OfferingUnknown: there is no such offering.
    :raises RequestKeyReused: the key was used for another line or offering.
    :raises AlreadyWaiting: an order of the line for the same offering waits for its confirmation.
    :raises TooManyOrders: the line asked for `ORDERS_PER_LINE_DAY` of them within a day.
    :raises RecentSimChange: it binds or is dear, the SIM card was changed lately, and this is no shop.
    :raises DomainError: the line may not have it, as `require_eligible`; it cannot begin so, as `get_plan_starts` and
        `choose_start`; or balance or points are too few, as `require_affordable` and `require_points`.
    """
    (order,) = _quote(_Wishes(account_id, line_id, (offering_code,), start, channel, request_key, actor), now)
    return order


def quote_cart(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    offering_codes: Sequence[str],
    channel: str,
    request_key: str,
    now: datetime,
    actor: str = BY_LINE,
) -> list[Order]:
    """Note several wishes that one yes confirms and one no ends, all of them or none: one code, one text, one sum.

    :param offering_codes: each once, no plan; of one, it is an order like any other.
    :return: an order for each, in the order given.
    :raises CartRefused: it is empty or has more than five things, names something twice, or holds a plan.
    :raises DomainError: as `quote_order`, for any of them or for the sum.
    """
    if not 1 <= len(offering_codes) <= MOST_IN_CART or len(set(offering_codes)) != len(offering_codes):
        raise CartRefused
    return _quote(_Wishes(account_id, line_id, tuple(offering_codes), None, channel, request_key, actor), now)


def quote_again(*, account_id: uuid.UUID, order_id: uuid.UUID, channel: str, now: datetime) -> Order:
    """Ask anew for what an order was for, on the terms of now, with all that was in its cart.

    :param order_id: ended; asking twice gives one new order.
    :return: the new order.
    :raises NotFound: the account has no such order.
    :raises StillWaiting: it is not ended.
    :raises AlreadyConfirmed: it is carried out.
    :raises DomainError: as `quote_order`.
    """
    order = get_order(account_id, order_id)
    if order.state_at(now) == OrderState.AWAITING_CONFIRMATION:
        raise StillWaiting
    if order.state == OrderState.COMPLETED:
        raise AlreadyConfirmed
    cart = list_orders_of_cart(order)
    start = get_order_start(order.quote) if order.offering.kind == OfferingKind.PLAN else None
    codes = tuple(mate.offering_id for mate in cart)
    key = f"again:{cart[0].id}"
    return _quote(_Wishes(account_id, order.line_id, codes, start, channel, key, BY_LINE), now)[cart.index(order)]


class StillWaiting(DomainError):
    """The order can still be confirmed."""

    code = "STILL_WAITING"
    message = _("This order still waits for your confirmation.")
    cure = _("Confirm it or turn it down first.")
    http_status = 409


class _Wishes(NamedTuple):
    """What is asked for as one."""

    account_id: uuid.UUID
    line_id: uuid.UUID
    codes: tuple[str, ...]
    start: str | None
    channel: str
    request_key: str
    actor: str


def _quote(wishes: _Wishes, now: datetime) -> list[Order]:
    with transaction.atomic():
        known = _order_of(wishes.account_id, wishes.request_key)
        if known is None:
            try:
                with transaction.atomic():
                    return _insert_orders(wishes, now)
            except AlreadyWaiting:
                # Of a wish sent twice at once, the later may find the earlier only here.
                known = _order_of(wishes.account_id, wishes.request_key)
                if known is None:
                    raise
        cart = list_orders_of_cart(known)
    if known.line_id != wishes.line_id or tuple(order.offering_id for order in cart) != wishes.codes:
        raise RequestKeyReused
    return cart


def _insert_orders(wishes: _Wishes, now: datetime) -> list[Order]:
    line = get_line(account_id=wishes.account_id, line_id=wishes.line_id)
    offerings = [get_offering(code=code) for code in wishes.codes]
    if len(offerings) > 1 and any(offering.kind == OfferingKind.PLAN for offering in offerings):
        raise CartRefused
    for offering in offerings:
        _make_way(line.account_id, line.id, offering.code, now)
    orders = [_draw_up(wishes, line, offering, now) for offering in offerings]
    require_affordable(account_id=line.account_id, price_fen=sum(order.price_fen for order in orders))
    require_points(account_id=line.account_id, points=sum(order.terms["points_price"] for order in orders), now=now)
    code = make_code(account_id=line.account_id, line_id=line.id)
    expires_at = min(order.expires_at for order in orders)
    for number, order in enumerate(orders):
        order.cart_id = orders[0].id if len(orders) > 1 else None
        order.request_key = f"{wishes.request_key}/{number}" if number else wishes.request_key
        order.code_hash = hash_code(order_id=order.id, code=code)
        order.expires_at = expires_at
    # Two unique keys guard the insert: one order per request key, one waiting order per line and offering. Carts insert
    # in one order of codes, so that two of them do not wait for each other.
    Order.objects.bulk_create(sorted(orders, key=lambda order: order.offering_id), ignore_conflicts=True)
    _require_inserted(orders)
    _take_order_budget(line.id, now)
    for order in orders:
        detail = {"terms": order.terms, "quote": order.quote}
        add_evidence(
            order=order, kind=EvidenceKind.OFFERED, channel=wishes.channel, now=now, actor=wishes.actor, detail=detail
        )
    queue_order_text(cart=orders, code=code, channel=wishes.channel, now=now)
    return orders


def _draw_up(wishes: _Wishes, line: Line, offering: Offering, now: datetime) -> Order:
    others = set(wishes.codes) - {offering.code}
    require_eligible(line=line, offering=offering, now=now, together_with=others)
    starts = get_plan_starts(account_id=line.account_id, line_id=line.id, offering=offering, now=now)
    terms = get_terms(offering)
    start = choose_start(starts=starts, start=wishes.start)
    quote = get_quote(terms=terms, start=start, replaces=starts.replaces, now=now)
    if is_sensitive([terms]) and wishes.channel != Channel.STORE:
        require_no_recent_sim_change(account_id=line.account_id, line_id=line.id, now=now)
    expires_at = now + _lifetime(wishes.channel)
    return Order(
        account_id=line.account_id,
        line_id=line.id,
        offering=offering,
        terms=terms,
        quote=quote,
        price_fen=quote["price_now_fen"],
        channel=wishes.channel,
        quoted_at=now,
        expires_at=min(expires_at, parse_instant(quote["holds_until"]) or expires_at),
    )


def _require_inserted(orders: Sequence[Order]) -> None:
    """Raise unless every order is there; the caller's savepoint takes back those that are.

    :raises AlreadyWaiting: another stood in the way of one of them.
    """
    first = orders[0]
    found = Order.objects.filter(account_id=first.account_id, id__in=[order.id for order in orders])
    there = set(found.values_list("id", flat=True))
    for order in orders:
        if order.id not in there:
            raise AlreadyWaiting(order_id=_waiting_order_id(order.account_id, order.line_id, order.offering_id))


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


def refuse_order(
    *, account_id: uuid.UUID, order_id: uuid.UUID, channel: str, reply: str, now: datetime, actor: str = BY_LINE
) -> Order:
    """End a waiting order, and all of its cart, because the customer says no. Saying no twice changes nothing.

    :param reply: the exact words, or the name of the button.
    :param actor: who wrote it down: the line, or one who acts at its request.
    :raises NotFound: the account has no such order.
    :raises AlreadyConfirmed: it is carried out; what it brought can be cancelled.
    :raises OrderExpired: its time limit is over.
    :raises OrderFailed: it could not be carried out.
    """
    with transaction.atomic():
        cart = lock_cart(account_id=account_id, order_id=order_id)
        asked = next(order for order in cart if order.id == order_id)
        try:
            require_waiting(order=asked, now=now)
        except OrderRefused:
            return asked
        for order in cart:
            refuse_locked_order(order=order, channel=channel, reply=reply, now=now, actor=actor)
    return asked


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
