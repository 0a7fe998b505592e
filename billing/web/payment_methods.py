"""The customer's linked bank cards, and the way out of each."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from accounts.web.step_up import Need, step_up_required
from billing.models import BankCard, BankCardState
from billing.operations.unbind_bank_card import unbind_card
from billing.queries.automatic_top_ups import get_automatic_top_up
from billing.queries.bank_cards import is_linking_offered, list_cards
from billing.queries.card_limits import get_card_limits
from billing.web.card_words import card_label
from billing.web.own_card import own_card
from kernel.clock import now
from kernel.ids import PublicId


@require_safe
@line_required
def payment_methods(request: SignedInRequest) -> HttpResponse:
    """List the cards that can pay, and those the bank still has to hear about."""
    wish = get_automatic_top_up(request.line.account_id)
    rows = [_row(card) for card in list_cards(request.line.account_id)]
    context = {"rows": rows, "automatic": wish, "linking_offered": is_linking_offered()}
    return render(request, "billing/payment_methods.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.BOTH, come_back="billing:payment-methods")
def unlink_card(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Say what unlinking means, then do it.

    :raises Http404: the card is not the visitor's, or was unlinked before.
    """
    card = own_card(request, public_id)
    if request.method != "POST":
        if card.state != BankCardState.ACTIVE:
            raise Http404
        wish = get_automatic_top_up(card.account_id)
        context = {
            "card": card_label(card),
            "automatic": wish is not None and wish.state == "ON" and wish.card_id == card.id,
        }
        return render(request, "billing/unlink_card.html", context)
    ended = unbind_card(account_id=card.account_id, card_id=card.id, now=now())
    if ended.state == BankCardState.UNBINDING:
        messages.warning(
            request,
            _("The card is unlinked here and pays nothing more. The bank did not answer; we tell it until it does."),
        )
    elif ended.state == BankCardState.LAPSED:
        messages.success(request, _("The card was not linked."))
    else:
        messages.success(request, _("The card is unlinked."))
    return redirect("billing:payment-methods")


def _row(card: BankCard) -> dict[str, Any]:
    return {
        "label": card_label(card),
        "kind": cast("Any", card).get_account_kind_display(),
        "last_four": card.last_four,
        "bound_at": card.bound_at,
        "ends": card.state == BankCardState.UNBINDING,
        "limits": get_card_limits(card, now=now()),
        "public_id": PublicId(card.account_id, card.id),
    }
