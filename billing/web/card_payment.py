"""Paying a top-up from a linked bank card: a last look at it, then the bank is asked at once."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.operations.budgets import BudgetSpent
from accounts.queries.customers import get_masked_name
from accounts.queries.lines import NumberUnknown
from accounts.web.signed_in import SignedInRequest, line_required
from billing.operations.card_payments import pay_with_card
from billing.operations.ledger import IdempotencyConflict
from billing.queries.bank_cards import get_card
from billing.queries.campaigns import get_bonus_offer
from billing.web.amount_page import amount_page, entered_form, with_new_key
from billing.web.card_words import card_label
from billing.web.recipient import line_of
from billing.web.top_up_forms import TopUpForm
from kernel.channel import Channel
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from kernel.ids import PublicId
from kernel.money import yuan_text


def check_page(request: SignedInRequest, form: TopUpForm) -> HttpResponse:
    """Show what is about to be paid from which card. Nothing has happened yet."""
    entered = form.cleaned_data
    try:
        line = line_of(request, entered["msisdn"])
        card = get_card(request.line.account_id, uuid.UUID(entered["way"]))
    except (NumberUnknown, BudgetSpent, NotFound) as refusal:
        return amount_page(request, form, refusal)
    offer = get_bonus_offer(line.account_id, entered["amount_fen"], now=now())
    context: dict[str, Any] = {
        "form": form,
        "line": line,
        "own": line.account_id == request.line.account_id,
        "masked_name": get_masked_name(line.account_id),
        "card": card_label(card),
        "amount_fen": entered["amount_fen"],
        "bonus_fen": offer.bonus_fen if offer else 0,
        "amount_text": yuan_text(entered["amount_fen"]),
    }
    return render(request, "billing/card_payment_check.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def card_payment(request: SignedInRequest) -> HttpResponse:
    """Pay, and lead to the result page of every top-up."""
    if request.method != "POST":
        return redirect("billing:top-up")
    form = entered_form(request)
    if not form.is_valid() or not form.cleaned_data["way"]:
        return amount_page(request, form) if form.errors else redirect("billing:top-up")
    entered = form.cleaned_data
    try:
        top_up = pay_with_card(
            account_id=request.line.account_id,
            card_id=uuid.UUID(entered["way"]),
            msisdn=entered["msisdn"],
            amount_fen=entered["amount_fen"],
            request_key=entered["request_key"],
            channel=Channel.WEB,
            now=now(),
        )
    except IdempotencyConflict as refusal:
        return amount_page(request, with_new_key(request, form), refusal)
    except DomainError as refusal:
        return amount_page(request, form, refusal)
    return redirect("billing:top-up-result", PublicId(top_up.account_id, top_up.id))
