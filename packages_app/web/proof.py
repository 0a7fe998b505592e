"""Why am I charged? From a charge to the order behind it, with every step of the proof."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from kernel.channel import Channel
from kernel.clock import now as current_instant
from packages_app.models import OfferingKind
from packages_app.operations.order_steps import BY_HALL, BY_LINE, BY_PARTNER
from packages_app.queries.order_proof import ProofStep, get_order_proof, list_charges_of
from packages_app.web.deals import deal_of
from packages_app.web.owned import order_or_404, subscription_or_404
from packages_app.web.quotes import quote_rows


@require_safe
@line_required
def order_evidence(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Answer "why am I charged?": every step of the proof, down to the exact text and the exact reply.

    What came with the contract that opened the number has no order: the page says so.
    """
    try:
        order, line = order_or_404(request, public_id)
    except Http404:
        return _contract_page(request, public_id)
    proof = get_order_proof(order.account_id, order.id, current_instant())
    is_plan = order.offering.kind == OfferingKind.PLAN
    context = {
        "order": order,
        "line": line,
        "deal": deal_of(order.terms),
        "proof": proof,
        "steps": [_step(step, is_plan) for step in proof.steps],
        "public_id": public_id,
    }
    return render(request, "packages_app/order_evidence.html", context)


def _step(step: ProofStep, is_plan: bool) -> dict[str, Any]:
    terms, quote = step.detail.get("terms"), step.detail.get("quote", {})
    return {
        "step": step,
        "channel": Channel(step.evidence.channel).label,
        "actor": actor_words(step.evidence.actor),
        "offer": deal_of(terms) if terms else None,
        "quote": quote_rows(terms, quote, is_plan=is_plan) if terms else [],
    }


def actor_words(actor: str) -> str:
    """Return who took a step, as its customer reads it."""
    if actor == BY_LINE:
        return pgettext("who", "you")
    if actor.startswith(BY_PARTNER):
        return _("%(name)s, a partner of ours") % {"name": actor.removeprefix(BY_PARTNER)}
    return _("the hall") if actor == BY_HALL else _("our staff, at your request")


def _contract_page(request: SignedInRequest, public_id: str) -> HttpResponse:
    subscription, line = subscription_or_404(request, public_id)
    context = {
        "deal": deal_of(subscription.terms),
        "line": line,
        "started_at": subscription.started_at,
        "charges": list_charges_of(subscription.account_id, subscription.id),
    }
    return render(request, "packages_app/contract_evidence.html", context)
