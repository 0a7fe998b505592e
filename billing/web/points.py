"""Points: what there is, until when, where it came from, what it is earned for; and their exchange for bonus."""

import uuid
from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from accounts.web.step_up import Need, step_up_required
from billing.operations.exchange_points import exchange_for_bonus
from billing.operations.ledger import IdempotencyConflict
from billing.queries.points import get_points, list_points_entries
from billing.queries.points_rules import bonus_for, get_points_rule
from billing.web.points_forms import ExchangeForm, PointsForm
from billing.web.statement import version_in
from kernel.channel import Channel
from kernel.clock import now as current_instant
from kernel.errors import DomainError
from kernel.money import yuan_text

ENTRIES_ON_A_PAGE = 20
STARS = 6


@require_safe
@line_required
def points(request: SignedInRequest) -> HttpResponse:
    """Show the points of the account, what expires when, one page of movements, and the rule."""
    step = get_points_rule(current_instant()).points_per_bonus_yuan
    return _page(request, PointsForm(step=step))


@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.CODE, come_back="billing:points")
def points_exchange(request: SignedInRequest) -> HttpResponse:
    """Show what some points become, and on POST make it so."""
    now = current_instant()
    rule = get_points_rule(now)
    step = rule.points_per_bonus_yuan
    if request.method == "POST":
        return _exchange(request, step)
    form = PointsForm(request.GET, step=step)
    if form.is_valid() and form.cleaned_data["points"] % step:
        form.add_error("points", _("Points are exchanged in steps of %(step)s.") % {"step": step})
    have = get_points(request.line.account_id, now).total
    if form.is_valid() and form.cleaned_data["points"] > have:
        form.add_error("points", _("You have %(points)s points.") % {"points": have})
    if not form.is_valid():
        return _page(request, form, outcome="POINTS_INVALID", status=422)
    wanted = form.cleaned_data["points"]
    context = {
        "points": wanted,
        "left": have - wanted,
        "bonus_fen": bonus_for(points=wanted, rule=rule),
        "spend_before": now + timedelta(days=rule.bonus_days) if rule.bonus_days else None,
        "form": ExchangeForm(initial={"points": wanted, "request_key": uuid.uuid4().hex}),
    }
    return render(request, "billing/points_exchange.html", context)


def _exchange(request: SignedInRequest, step: int) -> HttpResponse:
    sent = ExchangeForm(request.POST)
    form = PointsForm(request.POST, step=step)
    if not sent.is_valid() or not form.is_valid():
        return _page(request, form, outcome="FORM_DAMAGED", status=422)
    try:
        exchange = exchange_for_bonus(
            account_id=request.line.account_id,
            line_id=request.line.id,
            points=sent.cleaned_data["points"],
            channel=Channel.WEB,
            request_key=sent.cleaned_data["request_key"],
            now=current_instant(),
        )
    except IdempotencyConflict as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, outcome=refusal.code, status=refusal.http_status)
    except DomainError as refusal:
        form.add_error("points", str(refusal))
        return _page(request, form, outcome=refusal.code, status=refusal.http_status)
    told = {"points": exchange.points, "bonus": yuan_text(exchange.bonus_fen)}
    messages.success(request, _("%(points)s points have become a bonus of %(bonus)s yuan.") % told)
    return redirect("billing:points")


def _page(request: SignedInRequest, form: PointsForm, *, outcome: str = "", status: int = 200) -> HttpResponse:
    now, account_id = current_instant(), request.line.account_id
    older_than = version_in(request.GET.get("older_than"))
    entries, next_older = list_points_entries(account_id, limit=ENTRIES_ON_A_PAGE, older_than=older_than)
    rule = get_points_rule(now)
    path = reverse("billing:points")
    have = get_points(account_id, now)
    context: dict[str, Any] = {
        "have": have,
        "worth_fen": bonus_for(points=have.total, rule=rule),
        "can_exchange": have.total >= rule.points_per_bonus_yuan,
        "entries": entries,
        "older_url": f"{path}?{urlencode({'older_than': next_older})}" if next_older else "",
        "newest_url": path if older_than is not None else "",
        "rule": rule,
        "stars": [
            (star, rule.percent_of(star)) for star in range(1, STARS) if rule.percent_of(star) != rule.percent_of(None)
        ],
        "form": form,
    }
    response = render(request, "billing/points.html", context, status=status)
    if outcome:
        cast("Any", response).outcome = outcome
    return response
