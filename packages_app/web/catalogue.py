"""What is on sale, and the page on which an order is checked before it is asked for."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from billing.queries.balance import get_balance
from kernel.channel import Channel
from kernel.clock import now as current_instant
from kernel.errors import DomainError
from kernel.ids import PublicId
from packages_app.models import Offering, OfferingKind
from packages_app.operations.eligibility import BalanceTooLow, require_orderable
from packages_app.operations.orders import AlreadyWaiting, quote_order
from packages_app.queries.catalogue import OfferingUnknown, get_offering, list_offerings
from packages_app.queries.orders import list_waiting_orders
from packages_app.queries.subscriptions import list_subscriptions
from packages_app.queries.terms import get_terms
from packages_app.web.deals import Deal, deal_of, last_day_of_month
from packages_app.web.forms import WishForm


@dataclass(frozen=True, slots=True)
class Offer:
    """One card of the catalogue; without `url` it is shown for information."""

    deal: Deal
    note: str
    badge: str
    url: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The offers of one kind."""

    title: str | Promise
    lead: str | Promise
    offers: list[Offer]


# In the order of the page: what can be ordered first.
_SHELVES: dict[str, tuple[str | Promise, str | Promise]] = {
    OfferingKind.DATA_PACK: (
        gettext_lazy("Data packs"),
        gettext_lazy("Paid once. They begin when you confirm and last to the end of the month."),
    ),
    OfferingKind.VALUE_ADDED: (
        gettext_lazy("Services"),
        gettext_lazy("Paid each month until you cancel, which you can do at any time under My services."),
    ),
    OfferingKind.PLAN: (
        gettext_lazy("Plans"),
        gettext_lazy("For comparison. Plans cannot be changed online: call us or visit a shop."),
    ),
}


@require_safe
@line_required
def catalogue(request: SignedInRequest) -> HttpResponse:
    """Show what is on sale, by kind."""
    now = current_instant()
    had = {item.offering_id for item in list_subscriptions(request.line.account_id, request.line.id, now)}
    offerings = list_offerings(now=now)
    shelves = [
        Shelf(title, lead, [_offer(offering, had) for offering in offerings if offering.kind == kind])
        for kind, (title, lead) in _SHELVES.items()
    ]
    return render(request, "packages_app/catalogue.html", {"shelves": [shelf for shelf in shelves if shelf.offers]})


def _offer(offering: Offering, had: set[str]) -> Offer:
    deal = deal_of(get_terms(offering))
    collected = _("Collected for %(provider)s") % {"provider": deal.provider_name} if deal.provider_name else ""
    can_be_ordered = offering.kind != OfferingKind.PLAN
    return Offer(
        deal=deal,
        note=" · ".join(text for text in (deal.summary, collected) if text),
        badge=_("yours now") if offering.code in had and offering.kind != OfferingKind.DATA_PACK else "",
        url=reverse("packages:order", args=[offering.code]) if can_be_ordered else "",
    )


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
        return _check_page(request, offering, _new_form(), now)
    form = WishForm(request.POST)
    if not form.is_valid():
        return _check_page(request, offering, _new_form(), now, status=422, outcome="FORM_DAMAGED")
    try:
        asked = quote_order(
            account_id=request.line.account_id,
            line_id=request.line.id,
            offering_code=offering.code,
            channel=Channel.WEB,
            request_key=form.cleaned_data["request_key"],
            now=now,
        )
    except AlreadyWaiting as refusal:
        if refusal.order_id is None:
            return redirect("packages:order", offering.code)
        return _to_waiting_order(request, request.line.account_id, refusal.order_id)
    except DomainError as refusal:
        return _check_page(
            request, offering, _new_form(), now, refusal=refusal, status=refusal.http_status, outcome=refusal.code
        )
    return redirect("packages:order-waiting", PublicId(asked.account_id, asked.id))


def _new_form() -> WishForm:
    return WishForm(initial={"request_key": uuid.uuid4().hex})


def _to_waiting_order(request: SignedInRequest, account_id: uuid.UUID, order_id: uuid.UUID) -> HttpResponse:
    messages.info(request, str(AlreadyWaiting.message))
    return redirect("packages:order-waiting", PublicId(account_id, order_id))


def _check_page(
    request: SignedInRequest,
    offering: Offering,
    form: WishForm,
    now: datetime,
    *,
    refusal: DomainError | None = None,
    status: int = 200,
    outcome: str = "OK",
) -> HttpResponse:
    """Draw what the order brings and costs. What stands in its way is said instead of the button."""
    if refusal is None:
        try:
            require_orderable(line=request.line, offering=offering, now=now)
        except DomainError as obstacle:
            refusal = obstacle
    balance_fen = get_balance(request.line.account_id).total_fen
    context = {
        "offering": offering,
        "deal": deal_of(get_terms(offering)),
        "form": form,
        "damaged": outcome == "FORM_DAMAGED",
        "refusal": refusal,
        "needs_money": isinstance(refusal, BalanceTooLow),
        "last_day": last_day_of_month(now),
        "balance_fen": balance_fen,
        "balance_after_fen": balance_fen - offering.price_fen,
    }
    response = render(request, "packages_app/order_check.html", context, status=status)
    cast("Any", response).outcome = outcome
    return response
