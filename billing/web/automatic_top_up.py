"""Automatic top-up: what the customer wants, how it stands, and turning it off."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.web.signed_in import SignedInRequest, line_required
from accounts.web.step_up import Need, step_up_required
from billing.operations.automatic_top_ups import set_automatic_top_up, turn_off_automatic_top_up
from billing.queries.automatic_top_ups import get_automatic_top_up, get_last_automatic_payment
from billing.queries.balance import get_balance
from billing.queries.bank_cards import is_linking_offered, list_usable_cards
from billing.queries.card_limits import get_automatic_month_fen
from billing.web.automatic_top_up_forms import AutomaticTopUpForm
from billing.web.refused_form import refused_form
from kernel.clock import month_of, now
from kernel.errors import DomainError
from kernel.ids import PublicId

_TEMPLATE = "billing/automatic_top_up.html"


@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.BOTH, come_back="billing:automatic-top-up")
def automatic_top_up(request: SignedInRequest) -> HttpResponse:
    """Show how it stands, and turn it on or change it.

    :raises Http404: there is no bank whose cards can be linked.
    """
    if not is_linking_offered():
        raise Http404
    account_id = request.line.account_id
    cards, wish = list_usable_cards(account_id), get_automatic_top_up(account_id)
    context = _context(account_id, bool(cards))
    if request.method != "POST":
        form = AutomaticTopUpForm(cards=cards, wish=wish)
        return render(request, _TEMPLATE, {"form": form, "wish": wish, **context})
    form = AutomaticTopUpForm(request.POST, cards=cards, wish=wish)
    if not form.is_valid():
        return refused_form(request, _TEMPLATE, form, wish=wish, **context)
    entered = form.cleaned_data
    try:
        set_automatic_top_up(
            account_id=account_id,
            line_id=request.line.id,
            card_id=uuid.UUID(entered["card"]),
            threshold_fen=entered["threshold"],
            amount_fen=entered["amount"],
            monthly_limit_fen=entered["monthly_limit"],
            now=now(),
        )
    except DomainError as refusal:
        return refused_form(request, _TEMPLATE, form, refusal, wish=wish, **context)
    messages.success(request, _("Automatic top-up is on. You get a text each time."))
    return redirect("billing:automatic-top-up")


@require_POST
@line_required
def automatic_top_up_off(request: SignedInRequest) -> HttpResponse:
    """Turn it off."""
    turn_off_automatic_top_up(account_id=request.line.account_id, now=now())
    messages.success(request, _("Automatic top-up is off."))
    return redirect("billing:automatic-top-up")


def _context(account_id: uuid.UUID, has_cards: bool) -> dict[str, Any]:
    at = now()
    last = get_last_automatic_payment(account_id)
    return {
        "has_cards": has_cards,
        "balance": get_balance(account_id),
        "month_fen": get_automatic_month_fen(account_id, now=at),
        "next_month_date": month_of(at).next.first_date,
        "last": last,
        "last_public_id": PublicId(last.credited_account_id, last.id) if last else None,
    }
