"""Why a number is stopped and what helps (停复机), and what its customer stops and restores.

It stands in billing because most numbers are stopped for what is owed, and a stop on request costs money.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import ARREARS, Bar, BarAuthor, BarReason
from accounts.operations.barring import Author
from accounts.operations.own_bars import report_lost_sim, restore_by_customer
from accounts.queries.bars import barred_by, get_cure, get_why, list_bars
from accounts.queries.service_passwords import get_service_password_state
from accounts.web.signed_in import SignedInRequest, current_sign_in_id, line_required
from accounts.web.step_up import Need, step_up_required
from billing.operations.own_suspension import suspend_on_request
from billing.queries.balance import get_balance
from billing.queries.dunning import Dunning, get_dunning
from billing.queries.own_suspension import get_own_bar_fee, list_own_bar_offers
from billing.web.barring_forms import StopForm
from billing.web.barring_words import barred_words, delay_words, next_step_words
from billing.web.refused_form import refused_form
from kernel.channel import Channel
from kernel.clock import now as current_instant
from kernel.errors import DomainError

_STOP, _STOP_CHECK = "billing/barring_stop.html", "billing/barring_stop_check.html"
_SHOWN_BARS = 12


@require_safe
@line_required
def barring(request: SignedInRequest) -> HttpResponse:
    """Show what bars the number, since when, why, and the cure of each; what comes next; what came before."""
    line, now = request.line, current_instant()
    bars = list_bars(line.account_id, line.id, _SHOWN_BARS)
    is_open = {bar.reason for bar in bars if bar.ended_at is None}
    dunning = get_dunning(line.account_id, now)
    has_password = get_service_password_state(account_id=line.account_id, line_id=line.id, now=now) is not None
    context = {
        "line": line,
        "bars": _open_bars(bars, has_password=has_password),
        "barred": barred_words(barred_by(is_open)),
        "dunning": dunning,
        "warning": next_step_words(dunning, now) if dunning else "",
        "delays": _delays(dunning),
        "past": [bar for bar in bars if bar.ended_at],
        "can_report": BarReason.LOST_SIM not in is_open,
        "can_stop": BarReason.CUSTOMER_REQUEST not in is_open,
        "offers": list_own_bar_offers(),
        "times": settings.OWN_BARS_PER_YEAR,
    }
    return render(request, "billing/barring.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def report_lost(request: SignedInRequest) -> HttpResponse:
    """Say what happens, then stop the number at once: being signed in is enough, since every minute counts."""
    line = request.line
    if request.method != "POST":
        return render(request, "billing/barring_lost.html", {"line": line})
    try:
        report_lost_sim(
            account_id=line.account_id,
            line_id=line.id,
            author=_customer(),
            kept_sign_in_id=current_sign_in_id(request),
            now=current_instant(),
        )
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The number is stopped. Nobody can use it, and other devices are signed out."))
    return redirect("billing:barring")


@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.PASSWORD, come_back="billing:barring-stop")
def stop(request: SignedInRequest) -> HttpResponse:
    """Ask for how long, show what that means and costs, then stop the number."""
    form = StopForm(request.POST if request.method == "POST" else None, offers=list_own_bar_offers())
    context: dict[str, Any] = {"line": request.line, "times": settings.OWN_BARS_PER_YEAR}
    if request.method != "POST":
        return render(request, _STOP, {"form": form, **context})
    if not form.is_valid():
        return refused_form(request, _STOP, form, **context)
    days, now = form.cleaned_data["days"], current_instant()
    if form.cleaned_data["agreed_fen"] is None:
        balance = get_balance(request.line.account_id)
        check = {"days": days, "fee_fen": get_own_bar_fee(days), "balance": balance}
        return render(request, _STOP_CHECK, {**context, **check})
    try:
        suspend_on_request(
            account_id=request.line.account_id,
            line_id=request.line.id,
            days=days,
            agreed_fen=form.cleaned_data["agreed_fen"],
            author=_customer(),
            now=now,
        )
    except DomainError as refusal:
        return refused_form(request, _STOP, form, refusal, **context)
    messages.success(request, _("The number is stopped. Restore it here whenever you like."))
    return redirect("billing:barring")


@require_POST
@step_up_required(Need.PASSWORD, come_back="billing:barring")
def restore(request: SignedInRequest) -> HttpResponse:
    """Lift what the customer may lift.

    :raises Http404: there is no such reason.
    """
    reason = request.POST.get("reason", "")
    if reason not in BarReason.values:
        raise Http404
    line = request.line
    try:
        restore_by_customer(
            account_id=line.account_id,
            line_id=line.id,
            reason=BarReason(reason),
            channel=Channel.WEB,
            now=current_instant(),
        )
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Done. We sent you a text about it."))
    return redirect("billing:barring")


def _customer() -> Author:
    return Author(BarAuthor.CUSTOMER, Channel.WEB)


def _open_bars(bars: Sequence[Bar], *, has_password: bool) -> list[dict[str, Any]]:
    """Return what bars the number, with the button of each cure."""
    return [
        {
            "bar": bar,
            "why": get_why(bar),
            "barred": barred_words(barred_by([bar.reason])),
            "cure": get_cure(bar),
            "button": _button(bar, has_password=has_password),
        }
        for bar in bars
        if bar.ended_at is None
    ]


def _button(bar: Bar, *, has_password: bool) -> str:
    """Return what helps: "top-up", "restore", or "call"."""
    if bar.reason in ARREARS:
        return "top-up"
    if bar.reason == BarReason.CUSTOMER_REQUEST or (bar.reason == BarReason.LOST_SIM and has_password):
        return "restore"
    return "call"


def _delays(dunning: Dunning | None) -> list[tuple[datetime, str]]:
    """Return when and why suspensions did not happen, the latest first."""
    if dunning is None:
        return []
    return [(note.noted_at, delay_words(note)) for note in dunning.notes if note.until_at]
