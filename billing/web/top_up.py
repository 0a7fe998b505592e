"""Topping up: the number and amount, the provider's page, the result."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.operations.budgets import BudgetSpent
from accounts.queries.lines import NumberUnknown
from accounts.web.signed_in import SignedInRequest, line_required
from billing.gateways.base import ProviderUnavailable
from billing.models import TopUp, TopUpState
from billing.operations.card_payments import PROVIDER as BANK_CARD
from billing.operations.ledger import IdempotencyConflict
from billing.operations.online_payments import resume_online_payment, start_online_payment
from billing.queries.balance import get_balance
from billing.queries.bank_cards import find_card_payment
from billing.queries.e_invoices import get_payers_subject
from billing.queries.top_ups import get_top_up_for_visitor
from billing.web.amount_page import amount_page, amount_page_of, entered_form, new_form, with_new_key
from billing.web.card_payment import check_page
from billing.web.card_words import card_label
from billing.web.payer import payer_of, redirect_to_payment
from billing.web.recipient import line_of
from billing.web.refused_form import refused_form
from billing.web.top_up_forms import OtherNumberForm
from kernel.channel import Channel
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from kernel.ids import PublicId

# Seconds until the result page asks again: soon at first, then ever slower.
POLL_SECONDS = (1, 1, 2, 2, 3, 5, 8, 15)


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def top_up(request: SignedInRequest) -> HttpResponse:
    """Ask how much, start the top-up and go on to where it is paid."""
    if request.method != "POST":
        return amount_page(request, new_form(request.line.msisdn))
    form = entered_form(request)
    if not form.is_valid():
        return amount_page(request, form)
    entered = form.cleaned_data
    if entered["way"]:
        return check_page(request, form)
    try:
        payment = start_online_payment(
            payer_account_id=request.line.account_id,
            msisdn=entered["msisdn"],
            amount_fen=entered["amount_fen"],
            request_key=entered["request_key"],
            channel=Channel.WEB,
            payer=payer_of(request),
            now=now(),
        )
    except IdempotencyConflict as refusal:
        return amount_page(request, with_new_key(request, form), refusal)
    except DomainError as refusal:
        return amount_page(request, form, refusal)
    return redirect_to_payment(payment.next_url)


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def top_up_other(request: SignedInRequest) -> HttpResponse:
    """Ask for another number, and show whose it is before asking how much."""
    if request.method != "POST":
        return render(request, "billing/top_up_other.html", {"form": OtherNumberForm()})
    form = OtherNumberForm(request.POST)
    if form.is_valid():
        try:
            line = line_of(request, form.cleaned_data["msisdn"])
        except (NumberUnknown, BudgetSpent) as refusal:
            return refused_form(request, "billing/top_up_other.html", form, refusal)
        return amount_page_of(request, line, new_form(line.msisdn))
    return refused_form(request, "billing/top_up_other.html", form)


@require_safe
@line_required
def top_up_result(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Show what became of a top-up; while it waits, the page asks again by itself."""
    visitor_account_id = request.line.account_id
    wanted = _parsed(public_id)
    try:
        found = get_top_up_for_visitor(wanted.account_id, wanted.row_id, visitor_account_id=visitor_account_id)
    except NotFound:
        raise Http404 from None
    by_card = find_card_payment(visitor_account_id, found) if found.provider == BANK_CARD else None
    template = "billing/top_up_result.html"
    context = {
        "top_up": found,
        "public_id": public_id,
        "own": found.account_id == visitor_account_id,
        "invoice_subject": get_payers_subject(found, visitor_account_id=visitor_account_id),
        "payable": found.provider != BANK_CARD and found.state == TopUpState.PENDING and found.expires_at > now(),
        "card": card_label(by_card.card) if by_card else "",
        **_next_poll(request, public_id, found),
    }
    if found.state == TopUpState.SUCCEEDED and found.account_id == visitor_account_id:
        context["balance_fen"] = get_balance(visitor_account_id).total_fen
    return render(request, f"{template}#poll" if _is_poll(request) else template, context)


@require_POST
@line_required
def top_up_pay(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Go back to the provider's page of a top-up that still waits for its payment."""
    wanted = _parsed(public_id)
    try:
        payment = resume_online_payment(
            account_id=wanted.account_id,
            top_up_id=wanted.row_id,
            visitor_account_id=request.line.account_id,
            payer=payer_of(request),
            now=now(),
        )
    except NotFound:
        raise Http404 from None
    except ProviderUnavailable as refusal:
        messages.error(request, str(refusal))
        response = redirect("billing:top-up-result", public_id)
        cast("Any", response).outcome = refusal.code
        return response
    return redirect_to_payment(payment.next_url)


def _parsed(public_id: str) -> PublicId:
    try:
        return PublicId.parse(public_id)
    except ValueError:
        raise Http404 from None


def _is_poll(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _next_poll(request: HttpRequest, public_id: str, found: TopUp) -> dict[str, Any]:
    """Return where and when to ask next, while there is something to wait for."""
    if found.state not in (TopUpState.PENDING, TopUpState.UNKNOWN):
        return {}
    asked = request.GET.get("asked", "")
    times = min(int(asked), len(POLL_SECONDS) - 1) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    path = reverse("billing:top-up-result", args=[public_id])
    return {"poll_url": f"{path}?asked={times + 1}", "poll_seconds": POLL_SECONDS[times], "check_url": path}
