"""Linking a bank card: first its number, then the code that the bank has sent."""

import uuid
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.web.signed_in import SignedInRequest
from accounts.web.step_up import Need, step_up_required
from billing.gateways.bank_base import CardNotAccepted
from billing.models import BankAccountKind, BankCard, BankCardState
from billing.operations.bind_bank_card import (
    BindingUnclear,
    CardBoundAlready,
    CardBoundElsewhere,
    confirm_binding,
    send_binding_code_again,
    start_binding,
)
from billing.queries.bank_cards import is_linking_offered
from billing.queries.sandbox_cards import list_sandbox_cards
from billing.web.card_words import card_label
from billing.web.link_card_forms import BankCodeForm, LinkCardForm
from billing.web.own_card import own_card
from billing.web.refused_form import refused_form
from kernel.clock import now
from kernel.errors import DomainError
from kernel.ids import PublicId

# What cannot be cured by another code: the visitor begins anew.
_FINAL = (CardNotAccepted, BindingUnclear, CardBoundAlready, CardBoundElsewhere)


@sensitive_post_parameters("card_number")
@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.BOTH, come_back="billing:link-card")
def link_card(request: SignedInRequest) -> HttpResponse:
    """Ask for the card and have the bank send its code.

    :raises Http404: there is no bank whose cards can be linked.
    """
    if not is_linking_offered():
        raise Http404
    context: dict[str, Any] = {"sandbox_cards": list_sandbox_cards(request.line.msisdn), "msisdn": request.line.msisdn}
    if request.method != "POST":
        return render(request, "billing/link_card.html", {"form": LinkCardForm.fresh(), **context})
    form = LinkCardForm(request.POST)
    if not form.is_valid():
        return refused_form(request, "billing/link_card.html", form, **context)
    entered = form.cleaned_data
    try:
        card = start_binding(
            account_id=request.line.account_id,
            line_id=request.line.id,
            card_number=entered["card_number"],
            account_kind=BankAccountKind(entered["account_kind"]),
            request_key=entered["request_key"],
            now=now(),
        )
    except DomainError as refusal:
        # The refused try stands under its key: what is sent after it is another one.
        form.data = request.POST.copy()
        form.data["request_key"] = uuid.uuid4().hex
        return refused_form(request, "billing/link_card.html", form, refusal, **context)
    return redirect("billing:link-card-code", PublicId(card.account_id, card.id))


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.BOTH, come_back="billing:payment-methods")
def link_card_code(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Ask for the code and link the card.

    :raises Http404: the card is not the visitor's.
    """
    card = own_card(request, public_id)
    if request.method != "POST":
        if card.state == BankCardState.LAPSED:
            messages.warning(request, _("This card was not linked. Start again."))
            return redirect("billing:link-card")
        if card.state != BankCardState.WAITING:
            return redirect("billing:payment-methods")
        return render(request, "billing/link_card_code.html", {"form": BankCodeForm(), **_code_context(card)})
    form = BankCodeForm(request.POST)
    if not form.is_valid():
        return refused_form(request, "billing/link_card_code.html", form, **_code_context(card))
    try:
        confirm_binding(account_id=card.account_id, card_id=card.id, code=form.cleaned_data["code"], now=now())
    except _FINAL as refusal:
        messages.error(request, str(refusal))
        response = redirect("billing:link-card")
        cast("Any", response).outcome = refusal.code
        return response
    except DomainError as refusal:
        return refused_form(request, "billing/link_card_code.html", form, refusal, **_code_context(card))
    messages.success(request, _("%(card)s is linked. You can pay with it now.") % {"card": card_label(card)})
    return redirect("billing:payment-methods")


@require_POST
@step_up_required(Need.BOTH, come_back="billing:payment-methods")
def link_card_resend(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Have the bank send a new code.

    :raises Http404: the card is not the visitor's.
    """
    card = own_card(request, public_id)
    response = redirect("billing:link-card-code", public_id)
    try:
        send_binding_code_again(account_id=card.account_id, card_id=card.id, now=now())
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        cast("Any", response).outcome = refusal.code
    else:
        messages.success(request, _("A new code is on its way. The one before no longer works."))
    return response


def _code_context(card: BankCard) -> dict[str, Any]:
    waited = (now() - card.code_sent_at).total_seconds()
    return {
        "card": card_label(card),
        "msisdn": card.msisdn,
        "public_id": PublicId(card.account_id, card.id),
        "code_minutes": settings.BANK_CODE_LIFETIME // 60,
        "resend_seconds": max(0, round(settings.BANK_CODE_RESEND_AFTER - waited)),
    }
