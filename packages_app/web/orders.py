"""An order until it is decided, and its receipt. Its proof is shown by `packages_app.web.proof`."""

from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Line
from accounts.web.signed_in import SignedInRequest, line_required
from accounts.web.step_up import Need, ask_for_proof
from billing.queries.balance import get_balance, get_balance_after_charge
from kernel.channel import Channel
from kernel.clock import now as current_instant
from kernel.errors import DomainError
from kernel.ids import PublicId
from packages_app.models import EvidenceKind, OfferingKind, Order, OrderState
from packages_app.operations.confirm_order import CodeWrong, TermsChanged, confirm_order, refusal_behind
from packages_app.operations.eligibility import BalanceTooLow
from packages_app.operations.order_codes import resend_order_text
from packages_app.operations.order_steps import BY_LINE, AlreadyConfirmed
from packages_app.operations.orders import quote_again, refuse_order
from packages_app.queries.order_proof import get_order_actor, get_order_charge
from packages_app.queries.orders import get_order_evidence, list_orders_of_cart, list_orders_of_line
from packages_app.queries.sensitive_orders import is_sensitive
from packages_app.queries.subscriptions import get_subscription, list_withdrawn_ids
from packages_app.queries.terms import get_terms
from packages_app.texts import yes_word
from packages_app.web.deals import deal_of, last_day
from packages_app.web.forms import OrderCodeForm
from packages_app.web.owned import order_or_404
from packages_app.web.proof import actor_words
from packages_app.web.quotes import quote_rows

# Seconds until the waiting page asks again: soon at first, then ever slower.
POLL_SECONDS = (2, 2, 3, 3, 5, 5, 8, 15)
NO_BUTTON = "[Do not order]"

_TONES = {
    OrderState.AWAITING_CONFIRMATION: "wait",
    OrderState.COMPLETED: "good",
    OrderState.REFUSED: "plain",
    OrderState.CANCELLED: "plain",
    OrderState.EXPIRED: "plain",
    OrderState.FAILED: "stop",
}


@require_safe
@line_required
def orders(request: SignedInRequest) -> HttpResponse:
    """List what this number ordered, newest first, with how each ended."""
    now, line = current_instant(), request.line
    withdrawn = list_withdrawn_ids(line.account_id, line.id)
    rows = [
        {
            "deal": deal_of(order.terms),
            "public_id": str(PublicId(order.account_id, order.id)),
            "quoted_at": order.quoted_at,
            "state": _("withdrawn") if order.id in withdrawn else order.state_at(now).label,
            "tone": "plain" if order.id in withdrawn else _TONES[order.state_at(now)],
        }
        for order in list_orders_of_line(line.account_id, line.id)
    ]
    return render(request, "packages_app/orders.html", {"rows": rows})


@require_safe
@line_required
def order_waiting(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Show an order: how to say yes while it waits, its receipt or its end afterwards. The waiting page asks again."""
    order, line = order_or_404(request, public_id)
    now = current_instant()
    waiting = order.state_at(now) == OrderState.AWAITING_CONFIRMATION
    if request.headers.get("HX-Request") != "true":
        return _order_page(request, order, line, OrderCodeForm(), now)
    if not waiting:
        return HttpResponseClientRedirect(request.path)
    context = {"order": order, "yes": yes_word(line.language), **_next_poll(request, public_id)}
    return render(request, "packages_app/order_waiting.html#waiting", context)


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def confirm(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Take the code as the second yes. Whoever reloads the page of a refusal sees the order."""
    order, line = order_or_404(request, public_id)
    if request.method != "POST":
        return redirect("packages:order-waiting", public_id)
    now = current_instant()
    form = OrderCodeForm(request.POST)
    if not form.is_valid():
        return _order_page(request, order, line, form, now, refused_with="CODE_MALFORMED")
    code = form.cleaned_data["code"]
    try:
        confirm_order(
            account_id=order.account_id,
            order_id=order.id,
            channel=Channel.WEB,
            code=code,
            from_line=False,
            reply=code,
            now=now,
        )
    except CodeWrong as refusal:
        form.add_error("code", str(refusal))
        return _order_page(request, order, line, form, now, refused_with=refusal.code)
    except AlreadyConfirmed as refusal:
        messages.info(request, str(refusal))
        return _back_to(public_id, refusal)
    except DomainError as refusal:
        # The order is ended; its page says why, and what can be done about it.
        return _back_to(public_id, refusal)
    return _back_to(public_id)


@require_POST
@line_required
def refuse(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Take the button for a no."""
    order, _line = order_or_404(request, public_id)
    try:
        refuse_order(
            account_id=order.account_id,
            order_id=order.id,
            channel=Channel.WEB,
            reply=NO_BUTTON,
            now=current_instant(),
        )
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        return _back_to(public_id, refusal)
    return _back_to(public_id)


@require_POST
@line_required
def again(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Ask anew for what an ended order was for, on the terms of now. Pressed twice, it is one new order."""
    order, _line = order_or_404(request, public_id)
    if is_sensitive(get_terms(mate.offering) for mate in list_orders_of_cart(order)):
        come_back = reverse("packages:order-waiting", args=[public_id])
        asked_first = ask_for_proof(request, Need.PASSWORD, come_back=come_back)
        if asked_first is not None:
            return asked_first
    try:
        asked = quote_again(account_id=order.account_id, order_id=order.id, channel=Channel.WEB, now=current_instant())
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        return _back_to(public_id, refusal)
    return redirect("packages:order-waiting", PublicId(asked.account_id, asked.id))


@require_POST
@line_required
def resend(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Send the text again with a new code."""
    order, _line = order_or_404(request, public_id)
    try:
        resend_order_text(account_id=order.account_id, order_id=order.id, channel=Channel.WEB, now=current_instant())
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        return _back_to(public_id, refusal)
    messages.success(request, _("A new text is on its way. Only its code works now."))
    return _back_to(public_id)


def _back_to(public_id: str, refusal: DomainError | None = None) -> HttpResponse:
    response = redirect("packages:order-waiting", public_id)
    if refusal is not None:
        cast("Any", response).outcome = refusal.code
    return response


def _order_page(
    request: SignedInRequest,
    order: Order,
    line: Line,
    form: OrderCodeForm,
    now: datetime,
    *,
    refused_with: str = "",
) -> HttpResponse:
    state = order.state_at(now)
    public_id = str(PublicId(order.account_id, order.id))
    cart = list_orders_of_cart(order)
    actor = get_order_actor(order)
    context: dict[str, Any] = {
        "order": order,
        "asked_by": "" if actor in ("", BY_LINE) else actor_words(actor),
        "state": state,
        "line": line,
        "deal": deal_of(order.terms),
        "items": [_item(mate, shown=order) for mate in cart],
        "total_fen": sum(mate.price_fen for mate in cart),
        "public_id": public_id,
        "form": form,
    }
    template = "packages_app/order_ended.html"
    if state == OrderState.AWAITING_CONFIRMATION:
        template = "packages_app/order_waiting.html"
        context |= {
            "yes": yes_word(line.language),
            "resend_seconds": _seconds_until_resend(order, now),
            **_next_poll(request, public_id),
        }
    elif state == OrderState.COMPLETED:
        template = "packages_app/order_receipt.html"
        context |= _receipt(order, now)
    elif state == OrderState.FAILED:
        failure = refusal_behind(order=order)
        context |= {"failure": failure, "needs_money": failure is BalanceTooLow, "changed": failure is TermsChanged}
    response = render(request, template, context, status=422 if refused_with else 200)
    if refused_with:
        cast("Any", response).outcome = refused_with
    return response


def _item(order: Order, *, shown: Order) -> dict[str, Any]:
    """Return one thing of what is confirmed as one; `public_id` leads from the page of another thing to this one's."""
    return {
        "deal": deal_of(order.terms),
        "quote": quote_rows(order.terms, order.quote, is_plan=order.offering.kind == OfferingKind.PLAN),
        "price_fen": order.price_fen,
        "public_id": "" if order.id == shown.id else str(PublicId(order.account_id, order.id)),
    }


def _receipt(order: Order, now: datetime) -> dict[str, Any]:
    subscription = get_subscription(order.account_id, order.id)
    charge = get_order_charge(order)
    after_fen = get_balance_after_charge(order.account_id, charge.id) if charge else None
    return {
        "charge": charge,
        "balance_after_fen": get_balance(order.account_id).total_fen if after_fen is None else after_fen,
        "coming": subscription.started_at > now,
        "started_at": subscription.started_at,
        "last_day": last_day(subscription.ends_at) if subscription.ends_at else None,
        "confirmed_channel": Channel(order.confirmed_channel).label,
    }


def _seconds_until_resend(order: Order, now: datetime) -> int | None:
    """Return when the next text may be asked for, 0 when now, None when no more of them are sent."""
    sent = [step.at for step in get_order_evidence(order.account_id, order.id) if step.kind == EvidenceKind.TEXT_QUEUED]
    if len(sent) >= settings.ORDER_TEXTS:
        return None
    wait = sent[-1] + timedelta(seconds=settings.ORDER_TEXT_RESEND_AFTER) - now
    return max(0, -(-wait // timedelta(seconds=1)))


def _next_poll(request: SignedInRequest, public_id: str) -> dict[str, Any]:
    asked = request.GET.get("asked", "")
    times = min(int(asked), len(POLL_SECONDS) - 1) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    path = reverse("packages:order-waiting", args=[public_id])
    return {"poll_url": f"{path}?asked={times + 1}", "poll_seconds": POLL_SECONDS[times], "check_url": path}
