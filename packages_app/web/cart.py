"""Several things collected to be confirmed as one. The list lives in the visitor's session: it is no order yet."""

import uuid
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Line
from accounts.web.signed_in import SignedInRequest, line_required
from accounts.web.step_up import Need, ask_for_proof
from billing.queries.balance import get_balance
from kernel.channel import Channel
from kernel.clock import now as current_instant
from kernel.errors import DomainError
from kernel.ids import PublicId
from packages_app.models import Offering, OfferingKind, OrderStart
from packages_app.operations.eligibility import BalanceTooLow, require_affordable, require_eligible
from packages_app.operations.orders import MOST_IN_CART, AlreadyWaiting, CartRefused, quote_cart
from packages_app.queries.catalogue import OfferingUnknown, get_offering
from packages_app.queries.quotes import get_quote
from packages_app.queries.sensitive_orders import is_sensitive
from packages_app.queries.terms import get_terms
from packages_app.web.deals import deal_of
from packages_app.web.forms import WishForm
from packages_app.web.quotes import quote_rows

_KEY = "cart"


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def cart(request: SignedInRequest) -> HttpResponse:
    """Show what was collected, with all prices and what stands in the way; on POST ask for all of it as one."""
    now = current_instant()
    codes = list_codes_in_cart(request)
    if request.method != "POST":
        return _cart_page(request, codes, now)
    if is_sensitive(get_terms(get_offering(code=code)) for code in codes):
        asked_first = ask_for_proof(request, Need.PASSWORD, come_back=request.path)
        if asked_first is not None:
            return asked_first
    form = WishForm(request.POST)
    if not form.is_valid():
        return _cart_page(request, codes, now, status=422, outcome="FORM_DAMAGED")
    try:
        asked = quote_cart(
            account_id=request.line.account_id,
            line_id=request.line.id,
            offering_codes=codes,
            channel=Channel.WEB,
            request_key=form.cleaned_data["request_key"],
            now=now,
        )
    except AlreadyWaiting as refusal:
        if refusal.order_id is None:
            return redirect("packages:cart")
        messages.info(request, str(AlreadyWaiting.message))
        return redirect("packages:order-waiting", PublicId(request.line.account_id, refusal.order_id))
    except DomainError as refusal:
        return _cart_page(request, codes, now, refusal=refusal, status=refusal.http_status, outcome=refusal.code)
    _keep(request, [])
    return redirect("packages:order-waiting", PublicId(asked[0].account_id, asked[0].id))


@require_POST
@line_required
def add(request: SignedInRequest, code: str) -> HttpResponse:
    """Put something into the cart; once, however often it is pressed."""
    try:
        offering = get_offering(code=code)
    except OfferingUnknown:
        raise Http404 from None
    codes = list_codes_in_cart(request)
    if offering.code in codes:
        return redirect("packages:cart")
    if offering.kind == OfferingKind.PLAN or len(codes) == MOST_IN_CART:
        refusal = CartRefused()
        messages.warning(request, str(refusal))
        response = redirect("packages:cart")
        cast("Any", response).outcome = refusal.code
        return response
    _keep(request, [*codes, offering.code])
    return redirect("packages:cart")


@require_POST
@line_required
def remove(request: SignedInRequest, code: str) -> HttpResponse:
    """Take something out of the cart."""
    _keep(request, [kept for kept in list_codes_in_cart(request) if kept != code])
    return redirect("packages:cart")


def list_codes_in_cart(request: SignedInRequest) -> list[str]:
    """Return the codes collected for the current line, in order."""
    found: list[str] = request.session.get(_KEY, {}).get(str(request.line.id), [])
    return list(found)


def _keep(request: SignedInRequest, codes: list[str]) -> None:
    carts = {**request.session.get(_KEY, {}), str(request.line.id): codes}
    request.session[_KEY] = {line_id: kept for line_id, kept in carts.items() if kept}


def _cart_page(
    request: SignedInRequest,
    codes: list[str],
    now: datetime,
    *,
    refusal: DomainError | None = None,
    status: int = 200,
    outcome: str = "OK",
) -> HttpResponse:
    items = [_item(request.line, get_offering(code=code), codes, now) for code in codes]
    total_fen = sum(item["price_fen"] for item in items)
    blocked = any(item["obstacle"] for item in items)
    if refusal is None and items and not blocked:
        refusal = _money_missing(request.line, total_fen)
    balance_fen = get_balance(request.line.account_id).total_fen
    context = {
        "items": items,
        "total_fen": total_fen,
        "monthly_fen": sum(item["monthly_fen"] for item in items),
        "blocked": blocked,
        "form": WishForm(initial={"request_key": uuid.uuid4().hex}),
        "needs_password": is_sensitive(get_terms(get_offering(code=code)) for code in codes),
        "damaged": outcome == "FORM_DAMAGED",
        "refusal": refusal,
        "needs_money": isinstance(refusal, BalanceTooLow),
        "balance_fen": balance_fen,
        "balance_after_fen": balance_fen - total_fen,
    }
    response = render(request, "packages_app/cart.html", context, status=status)
    cast("Any", response).outcome = outcome
    return response


def _item(line: Line, offering: Offering, codes: list[str], now: datetime) -> dict[str, Any]:
    terms = get_terms(offering)
    quote = get_quote(terms=terms, start=OrderStart.NOW, replaces=None, now=now)
    return {
        "code": offering.code,
        "deal": deal_of(terms),
        "quote": quote_rows(terms, quote, is_plan=False),
        "price_fen": quote["price_now_fen"],
        "monthly_fen": quote["monthly_fen"],
        "obstacle": _obstacle(line, offering, codes, now),
        "remove_label": _("Take out %(name)s") % {"name": deal_of(terms).name},
    }


def _obstacle(line: Line, offering: Offering, codes: list[str], now: datetime) -> DomainError | None:
    try:
        require_eligible(line=line, offering=offering, now=now, together_with=set(codes) - {offering.code})
    except DomainError as obstacle:
        return obstacle
    return None


def _money_missing(line: Line, total_fen: int) -> DomainError | None:
    try:
        require_affordable(account_id=line.account_id, price_fen=total_fen)
    except BalanceTooLow as obstacle:
        return obstacle
    return None
