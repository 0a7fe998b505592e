"""Topping up by recharge card: the number, the PIN of the card, and the result page of every top-up."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import Line
from accounts.operations.budgets import BudgetSpent
from accounts.queries.customers import get_masked_name
from accounts.queries.lines import NumberUnknown
from accounts.web.signed_in import SignedInRequest, line_required
from billing.operations.redeem_voucher import redeem_voucher
from billing.web.recipient import line_of
from billing.web.refused_form import refused_form
from billing.web.top_up_forms import OtherNumberForm, RechargeCardForm
from kernel.channel import Channel
from kernel.clock import now
from kernel.errors import DomainError
from kernel.ids import PublicId


@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def recharge_card(request: SignedInRequest) -> HttpResponse:
    """Ask for the PIN of a card and credit what it is worth."""
    if request.method != "POST":
        return _pin_page(request, RechargeCardForm(initial={"msisdn": request.line.msisdn}))
    form = RechargeCardForm(request.POST)
    if not form.is_valid():
        return _pin_page(request, form)
    try:
        top_up = redeem_voucher(
            account_id=request.line.account_id,
            line_id=request.line.id,
            msisdn=form.cleaned_data["msisdn"],
            pin=form.cleaned_data["pin"],
            channel=Channel.WEB,
            now=now(),
        )
    except DomainError as refusal:
        return _pin_page(request, form, refusal)
    return redirect("billing:top-up-result", PublicId(top_up.account_id, top_up.id))


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def recharge_card_other(request: SignedInRequest) -> HttpResponse:
    """Ask for another number, and show whose it is before asking for the card."""
    if request.method != "POST":
        return render(request, "billing/recharge_card_other.html", {"form": OtherNumberForm()})
    form = OtherNumberForm(request.POST)
    if form.is_valid():
        try:
            line = line_of(request, form.cleaned_data["msisdn"])
        except (NumberUnknown, BudgetSpent) as refusal:
            return refused_form(request, "billing/recharge_card_other.html", form, refusal)
        return _pin_page_of(request, line, RechargeCardForm(initial={"msisdn": line.msisdn}))
    return refused_form(request, "billing/recharge_card_other.html", form)


def _pin_page(request: SignedInRequest, form: RechargeCardForm, refusal: DomainError | None = None) -> HttpResponse:
    """Draw the form under the number it is for; a number that is not in use leads back to asking for one."""
    try:
        line = line_of(request, form["msisdn"].value() or "")
    except NumberUnknown:
        return redirect("billing:recharge-card-other")
    except BudgetSpent as spent:
        other = OtherNumberForm(request.POST)
        other.full_clean()
        return refused_form(request, "billing/recharge_card_other.html", other, spent)
    return _pin_page_of(request, line, form, refusal)


def _pin_page_of(
    request: SignedInRequest, line: Line, form: RechargeCardForm, refusal: DomainError | None = None
) -> HttpResponse:
    context = {
        "msisdn": line.msisdn,
        "own": line.account_id == request.line.account_id,
        "masked_name": get_masked_name(line.account_id),
    }
    if form.is_bound:
        return refused_form(request, "billing/recharge_card.html", form, refusal, **context)
    return render(request, "billing/recharge_card.html", {"form": form, **context})
