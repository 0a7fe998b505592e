"""The page that asks how much to top up and how to pay, drawn anew by whatever refuses it."""

import uuid

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.models import Line
from accounts.operations.budgets import BudgetSpent
from accounts.queries.customers import get_masked_name
from accounts.queries.lines import NumberUnknown
from accounts.web.signed_in import SignedInRequest
from billing.queries.bank_cards import is_linking_offered, list_usable_cards
from billing.queries.campaigns import list_running_campaigns
from billing.web.campaign_words import campaign_words
from billing.web.recipient import line_of
from billing.web.refused_form import refused_form
from billing.web.top_up_forms import OtherNumberForm, TopUpForm
from kernel.clock import now
from kernel.errors import DomainError


def new_form(msisdn: str) -> TopUpForm:
    """Return an empty form for a number, with a key of its own."""
    return TopUpForm(initial={"msisdn": msisdn, "request_key": uuid.uuid4().hex, "way": ""})


def entered_form(request: SignedInRequest) -> TopUpForm:
    """Return the form that was sent, with the visitor's cards as ways to pay."""
    form = TopUpForm(request.POST)
    form.show_cards(list_usable_cards(request.line.account_id))
    return form


def with_new_key(request: SignedInRequest, form: TopUpForm) -> TopUpForm:
    """Back, changed and sent again: the first one stands, a new key lets the changed one be sent on purpose."""
    form.data = request.POST.copy()
    form.data["request_key"] = uuid.uuid4().hex
    return form


def amount_page(request: SignedInRequest, form: TopUpForm, refusal: DomainError | None = None) -> HttpResponse:
    """Draw the form under the number it is for; a number that is not in use any more leads back to asking for one."""
    try:
        line = line_of(request, form["msisdn"].value() or "")
    except NumberUnknown:
        return redirect("billing:top-up-other")
    except BudgetSpent as spent:
        other = OtherNumberForm(request.POST)
        other.full_clean()
        return refused_form(request, "billing/top_up_other.html", other, spent)
    return amount_page_of(request, line, form, refusal)


def amount_page_of(
    request: SignedInRequest, line: Line, form: TopUpForm, refusal: DomainError | None = None
) -> HttpResponse:
    """Draw the form under a line that was looked up."""
    campaigns = list_running_campaigns(line.account_id, now=now())
    cards = list_usable_cards(request.line.account_id)
    form.show_bonuses(campaigns)
    form.show_cards(cards)
    context = {
        "msisdn": line.msisdn,
        "own": line.account_id == request.line.account_id,
        "masked_name": get_masked_name(line.account_id),
        "minimum_fen": settings.TOP_UP_MINIMUM_FEN,
        "maximum_fen": settings.TOP_UP_MAXIMUM_FEN,
        "campaigns": [campaign_words(campaign) for campaign in campaigns],
        "has_cards": bool(cards),
        "linking_offered": is_linking_offered(),
    }
    if form.is_bound:
        return refused_form(request, "billing/top_up.html", form, refusal, **context)
    return render(request, "billing/top_up.html", {"form": form, **context})
