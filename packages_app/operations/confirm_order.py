"""The second yes. One function serves the page, the reply by text and every later channel."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import Line
from accounts.queries.lines import get_line
from billing.models import BillHead, ChargeReason, PointsCounterpart
from billing.operations.charge import charge_wallet
from billing.operations.ledger import InsufficientBalance
from billing.operations.points_ledger import InsufficientPoints, take_points
from kernel.errors import DomainError, NotFound
from packages_app.locks import lock_plans, lock_waiting_orders
from packages_app.models import EvidenceKind, Order, OrderState
from packages_app.operations.eligibility import REFUSALS, BalanceTooLow, LineNotActive, TooFewPoints, require_eligible
from packages_app.operations.order_codes import is_code_of
from packages_app.operations.order_steps import (
    OrderFailed,
    add_evidence,
    complete_order,
    fail_locked_order,
    kept_words,
    require_waiting,
)
from packages_app.operations.plan_change import PLAN_REFUSALS, get_plan_starts
from packages_app.operations.subscriptions import activate_subscription
from packages_app.queries.catalogue import get_offering
from packages_app.queries.orders import get_order, group_by_cart, list_orders_of_line
from packages_app.queries.quotes import get_order_start, get_quote, is_same_quote
from packages_app.queries.terms import get_name, get_terms, is_same_deal


class CodeWrong(DomainError):
    """The code is not the order's; the order still waits.

    :ivar guesses_left: how many more codes may be tried.
    """

    code = "ORDER_CODE_WRONG"
    message = _("This is not the code of this order.")
    field = "code"

    def __init__(self, *, guesses_left: int) -> None:
        super().__init__(
            cure=ngettext_lazy(
                "Use the latest text about this order. You can try %(count)d more time.",
                "Use the latest text about this order. You can try %(count)d more times.",
                guesses_left,
            )
            % {"count": guesses_left}
        )
        self.guesses_left = guesses_left


class TooManyGuesses(DomainError):
    """Too many codes were tried: the order is ended."""

    code = "TOO_MANY_GUESSES"
    message = _("Too many wrong codes: this order is ended, nothing was ordered or charged.")
    cure = _("Order again if you still want it.")
    field = "code"


class TermsChanged(DomainError):
    """What is on sale is no longer what was quoted, or costs another price today: the order is ended.

    :ivar order_id: the order, so that `quote_again` can offer it anew; None where it does not matter.
    """

    code = "TERMS_CHANGED"
    message = _("The price or the contents changed since you ordered: this order is ended, nothing was charged.")
    cure = _("Look at the new offer and order again if you want it.")
    http_status = 409

    def __init__(self, *, order_id: uuid.UUID | None = None) -> None:
        super().__init__()
        self.order_id = order_id


class SeveralOrdersWaiting(DomainError):
    """A bare yes does not say which order it means."""

    code = "SEVERAL_ORDERS_WAITING"
    message = _("Several orders wait for you, so none was confirmed.")
    cure = _("Answer with the code of the one you mean.")
    http_status = 409


class NothingWaiting(DomainError):
    """No order of the line waits for a confirmation."""

    code = "NOTHING_WAITING"
    message = _("No order waits for your confirmation.")
    http_status = 409


_REFUSALS: tuple[type[DomainError], ...] = (*REFUSALS, *PLAN_REFUSALS, TooManyGuesses, TermsChanged)
_FAILURES = {refusal.code: refusal for refusal in _REFUSALS}


def confirm_order(
    *,
    account_id: uuid.UUID,
    order_id: uuid.UUID,
    channel: str,
    code: str | None,
    from_line: bool,
    reply: str,
    now: datetime,
) -> Order:
    """Carry out an order on its second yes: charge, activate, open allowances and queue the notice, all or nothing.

    What is in one cart is carried out, or refused, as one. A code is counted before it is compared. What a refusal
    leaves behind, the count and the end of the order, is committed before it is raised: a caller that wraps this in its
    own transaction must catch the refusal inside it.

    :param channel: where the yes was given, a `kernel.channel.Channel` value.
    :param code: the code that came with it; None only for a bare yes from the line itself.
    :param from_line: the reply came from the line itself (a text), so that a bare yes will do if one order waits.
    :param reply: the exact words, kept as evidence.
    :return: the order, completed.
    :raises NotFound: the account has no such order.
    :raises AlreadyConfirmed: it is carried out already; nothing happens twice.
    :raises OrderExpired: the time limit is over at `now`.
    :raises OrderRefused: the customer said no before.
    :raises OrderCancelled: who asked for it took it back.
    :raises OrderFailed: it failed before.
    :raises CodeWrong: the order still waits.
    :raises TooManyGuesses: that was the last guess; the order is ended.
    :raises SeveralOrdersWaiting: a bare yes, and more than one order or cart waits; all of them still wait.
    :raises TermsChanged: the order is ended; `quote_again` makes a new one on the terms of now.
    :raises DomainError: the line may not have it any more or the balance is too low, as `quote_order`; the order is
        ended.
    """
    with transaction.atomic():
        line_id = get_order(account_id, order_id).line_id
        groups = group_by_cart(lock_waiting_orders(account_id=account_id, line_id=line_id))
        cart = next((group for group in groups if any(order.id == order_id for order in group)), None)
        if cart is None:
            # It ended before the lock was had.
            cart = [get_order(account_id, order_id)]
        asked = next(order for order in cart if order.id == order_id)
        require_waiting(order=asked, now=now)
        refusal: DomainError | None
        if code is None and from_line:
            waiting = [group for group in groups if _waits(group, now)]
            refusal = SeveralOrdersWaiting() if len(waiting) > 1 else None
        elif _is_guess_right(cart, code or ""):
            refusal = None
        else:
            refusal = _note_wrong_code(cart, channel, reply, now)
        refusal = refusal or _refusal_of_carrying_out(cart, channel, reply, now)
    if refusal is not None:
        raise refusal
    return asked


def confirm_order_by_code(
    *, account_id: uuid.UUID, line_id: uuid.UUID, channel: str, code: str, reply: str, now: datetime
) -> Order:
    """Confirm whichever order or cart of a line has this code: the reply `是 4821`.

    A wrong code counts as a guess at every order that waits; a right one costs the others nothing.

    :return: the order, completed; of a cart the first.
    :raises NothingWaiting: no order waits, and the code is of none that ended lately.
    :raises CodeWrong: no waiting order has this code.
    :raises DomainError: as `confirm_order`, for the order that has the code.
    """
    with transaction.atomic():
        locked = group_by_cart(lock_waiting_orders(account_id=account_id, line_id=line_id))
        waiting = [cart for cart in locked if _waits(cart, now)]
        _refuse_code_of_ended_order(account_id, line_id, code, now)
        meant = [cart for cart in waiting if _is_guess_right(cart, code)]
        refusal: DomainError | None = NothingWaiting()
        if len(meant) > 1:
            refusal = SeveralOrdersWaiting()
        elif meant:
            _take_guess_back(cart for cart in waiting if cart is not meant[0])
            refusal = _refusal_of_carrying_out(meant[0], channel, reply, now)
        else:
            for cart in waiting:
                refusal = _note_wrong_code(cart, channel, reply, now)
    if refusal is not None:
        raise refusal
    return meant[0][0]


def refusal_behind(*, order: Order) -> type[DomainError]:
    """Return the refusal that ended a failed order: its `message` and `cure` tell the customer why."""
    return _FAILURES.get(order.failure, OrderFailed)


def _waits(cart: Sequence[Order], now: datetime) -> bool:
    return cart[0].state_at(now) == OrderState.AWAITING_CONFIRMATION


def _refuse_code_of_ended_order(account_id: uuid.UUID, line_id: uuid.UUID, code: str, now: datetime) -> None:
    """Answer a reply sent twice by what became of its order, instead of counting it against the orders that wait."""
    for order in list_orders_of_line(account_id, line_id):
        if order.state_at(now) != OrderState.AWAITING_CONFIRMATION and is_code_of(order=order, code=code):
            require_waiting(order=order, now=now)


def _is_guess_right(cart: Sequence[Order], code: str) -> bool:
    """Use up one guess at a locked order or cart, then compare; without a guess left nothing is compared."""
    untried = Order.objects.filter(
        account_id=cart[0].account_id, id__in=[order.id for order in cart], guesses__lt=settings.ORDER_CODE_GUESSES
    )
    if untried.update(guesses=F("guesses") + 1) == 0:
        return False
    for order in cart:
        order.guesses += 1
    return is_code_of(order=cart[0], code=code)


def _take_guess_back(carts: Iterable[Sequence[Order]]) -> None:
    for order in chain.from_iterable(carts):
        order.guesses -= 1
        order.save(update_fields=["guesses"])


def _note_wrong_code(cart: Sequence[Order], channel: str, reply: str, now: datetime) -> DomainError:
    guesses_left = settings.ORDER_CODE_GUESSES - cart[0].guesses
    detail = {"reply": kept_words(reply=reply), "guesses_left": guesses_left}
    for order in cart:
        add_evidence(order=order, kind=EvidenceKind.WRONG_CODE, channel=channel, now=now, detail=detail)
        if guesses_left <= 0:
            fail_locked_order(order=order, failure=TooManyGuesses.code, channel=channel, now=now)
    return CodeWrong(guesses_left=guesses_left) if guesses_left > 0 else TooManyGuesses()


def _refusal_of_carrying_out(cart: Sequence[Order], channel: str, reply: str, now: datetime) -> DomainError | None:
    detail = {"reply": kept_words(reply=reply)}
    for order in cart:
        add_evidence(order=order, kind=EvidenceKind.REPLY, channel=channel, now=now, detail=detail)
    try:
        with transaction.atomic():
            _carry_out(cart, now)
    except DomainError as refusal:
        for order in cart:
            fail_locked_order(order=order, failure=refusal.code, channel=channel, now=now)
        return refusal
    for order in cart:
        complete_order(order=order, channel=channel, now=now)
    return None


def _carry_out(cart: Sequence[Order], now: datetime) -> None:
    line = _line_of(cart[0])
    lock_plans(account_id=line.account_id, line_id=line.id, now=now)
    codes = {order.offering_id for order in cart}
    for order in cart:
        _require_unchanged(order, line, codes, now)
    for order in cart:
        if order.price_fen > 0:
            _charge(order, line, now)
        if order.terms.get("points_price"):
            _take_points(order, now)
        activate_subscription(order=order, now=now)


def _require_unchanged(order: Order, line: Line, codes: set[str], now: datetime) -> None:
    """Refuse an order that could not be quoted now as it was: what a customer said yes to is never repriced."""
    offering = get_offering(code=order.offering_id)
    require_eligible(line=line, offering=offering, now=now, together_with=codes - {offering.code})
    starts = get_plan_starts(account_id=line.account_id, line_id=line.id, offering=offering, now=now)
    terms, start = get_terms(offering), get_order_start(order.quote)
    if start not in starts.starts or not is_same_deal(order.terms, terms):
        raise TermsChanged(order_id=order.id)
    if not is_same_quote(order.quote, get_quote(terms=terms, start=start, replaces=starts.replaces, now=now)):
        raise TermsChanged(order_id=order.id)


def _line_of(order: Order) -> Line:
    try:
        return get_line(account_id=order.account_id, line_id=order.line_id)
    except NotFound:
        raise LineNotActive from None


def _take_points(order: Order, now: datetime) -> None:
    try:
        take_points(
            account_id=order.account_id,
            points=order.terms["points_price"],
            posting_key=f"order:{order.id}",
            counterpart=PointsCounterpart.DATA,
            reason_id=order.id,
            now=now,
        )
    except InsufficientPoints:
        raise TooFewPoints from None


def _charge(order: Order, line: Line, now: datetime) -> None:
    try:
        charge_wallet(
            account_id=order.account_id,
            line_id=order.line_id,
            msisdn=line.msisdn,
            language=line.language,
            head=BillHead(order.terms["head"]),
            name=get_name(order.terms, line.language),
            provider_name=order.terms["provider_name"],
            amount_fen=order.price_fen,
            reason=ChargeReason.ORDER,
            reason_id=order.id,
            charge_key=f"order:{order.id}",
            now=now,
        )
    except InsufficientBalance:
        raise BalanceTooLow from None
