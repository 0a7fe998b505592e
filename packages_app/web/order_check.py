"""The page on which an order is checked before it is asked for."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Line
from accounts.web.signed_in import SignedInRequest, line_required
from accounts.web.step_up import Need, ask_for_proof
from billing.queries.balance import get_balance
from kernel.channel import Channel
from kernel.clock import now as current_instant
from kernel.errors import DomainError
from kernel.ids import PublicId
from packages_app.models import Offering, OfferingKind, OrderStart
from packages_app.operations.eligibility import BalanceTooLow, NeedsAnother, require_affordable, require_eligible
from packages_app.operations.orders import AlreadyWaiting, quote_order
from packages_app.operations.plan_change import PlanStarts, choose_start, get_plan_starts
from packages_app.queries.catalogue import OfferingUnknown, get_offering
from packages_app.queries.orders import list_waiting_orders
from packages_app.queries.quotes import Quote, get_quote
from packages_app.queries.sensitive_orders import is_sensitive
from packages_app.queries.terms import get_terms
from packages_app.web.deals import deal_of
from packages_app.web.forms import WishForm
from packages_app.web.quotes import quote_rows


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def order(request: SignedInRequest, code: str) -> HttpResponse:
    """Show all of an offer before it is asked for; on POST ask for it and go on to its confirmation."""
    now = current_instant()
    try:
        offering = get_offering(code=code)
    except OfferingUnknown:
        raise Http404 from None
    if request.method != "POST":
        for waiting in list_waiting_orders(request.line.account_id, request.line.id, now):
            if waiting.offering_id == offering.code:
                return _to_waiting_order(request, waiting.account_id, waiting.id)
        return _check_page(request, offering, request.GET.get("start"), now)
    if is_sensitive([get_terms(offering)]):
        asked_first = ask_for_proof(request, Need.PASSWORD, come_back=request.get_full_path())
        if asked_first is not None:
            return asked_first
    form = WishForm(request.POST)
    if not form.is_valid():
        return _check_page(request, offering, None, now, status=422, outcome="FORM_DAMAGED")
    start = form.cleaned_data["start"] or None
    try:
        asked = quote_order(
            account_id=request.line.account_id,
            line_id=request.line.id,
            offering_code=offering.code,
            channel=Channel.WEB,
            request_key=form.cleaned_data["request_key"],
            now=now,
            start=start,
        )
    except AlreadyWaiting as refusal:
        if refusal.order_id is None:
            return redirect("packages:order", offering.code)
        return _to_waiting_order(request, request.line.account_id, refusal.order_id)
    except DomainError as refusal:
        return _check_page(
            request, offering, start, now, refusal=refusal, status=refusal.http_status, outcome=refusal.code
        )
    return redirect("packages:order-waiting", PublicId(asked.account_id, asked.id))


def _to_waiting_order(request: SignedInRequest, account_id: uuid.UUID, order_id: uuid.UUID) -> HttpResponse:
    messages.info(request, str(AlreadyWaiting.message))
    return redirect("packages:order-waiting", PublicId(account_id, order_id))


@dataclass(frozen=True, slots=True)
class _Checked:
    """What an order would mean, and what stands in its way."""

    starts: PlanStarts | None
    quote: Quote | None
    obstacle: DomainError | None


def _check(line: Line, offering: Offering, start: str | None, now: datetime) -> _Checked:
    starts = quote = None
    try:
        require_eligible(line=line, offering=offering, now=now)
        starts = get_plan_starts(account_id=line.account_id, line_id=line.id, offering=offering, now=now)
        chosen = choose_start(starts=starts, start=start if start in starts.starts else None)
        quote = get_quote(terms=get_terms(offering), start=chosen, replaces=starts.replaces, now=now)
        require_affordable(account_id=line.account_id, price_fen=quote["price_now_fen"])
    except DomainError as obstacle:
        return _Checked(starts, quote, obstacle)
    return _Checked(starts, quote, None)


def _check_page(
    request: SignedInRequest,
    offering: Offering,
    start: str | None,
    now: datetime,
    *,
    refusal: DomainError | None = None,
    status: int = 200,
    outcome: str = "OK",
) -> HttpResponse:
    """Draw what the order brings and costs. What stands in its way is said instead of the button."""
    checked = _check(request.line, offering, start, now)
    refusal = refusal or checked.obstacle
    terms = get_terms(offering)
    # What may not be had is shown as it would be for somebody without a plan.
    quote = checked.quote or get_quote(terms=terms, start=OrderStart.NOW, replaces=None, now=now)
    balance_fen = get_balance(request.line.account_id).total_fen
    context = {
        "offering": offering,
        "deal": deal_of(terms),
        "quote": quote_rows(terms, quote, is_plan=offering.kind == OfferingKind.PLAN),
        "tabs": _tabs(offering, checked, quote),
        "form": WishForm(initial={"request_key": uuid.uuid4().hex, "start": quote["start"]}),
        "can_be_collected": _can_be_collected(offering, checked.obstacle),
        "needs_password": is_sensitive([terms]),
        "damaged": outcome == "FORM_DAMAGED",
        "refusal": refusal,
        "needs_money": isinstance(refusal, BalanceTooLow),
        "balance_fen": balance_fen,
        "balance_after_fen": balance_fen - quote["price_now_fen"],
    }
    response = render(request, "packages_app/order_check.html", context, status=status)
    cast("Any", response).outcome = outcome
    return response


def _can_be_collected(offering: Offering, obstacle: DomainError | None) -> bool:
    """What needs another thing may be ordered together with that."""
    return offering.kind != OfferingKind.PLAN and (obstacle is None or isinstance(obstacle, NeedsAnother))


def _tabs(offering: Offering, checked: _Checked, quote: Quote) -> list[dict[str, object]]:
    """Return the ways in which it may begin, as links to their own pages; none when there is but one."""
    if checked.starts is None or len(checked.starts.starts) < 2:
        return []
    labels = {OrderStart.NOW: _("Begin at once"), OrderStart.NEXT_MONTH: _("Begin next month")}
    path = reverse("packages:order", args=[offering.code])
    return [
        {"label": labels[start], "url": f"{path}?start={start}", "current": start == quote["start"]}
        for start in checked.starts.starts
    ]
