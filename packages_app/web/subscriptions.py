"""What a number has, each with its way out."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from kernel.channel import Channel
from kernel.clock import now as current_instant
from kernel.errors import DomainError
from kernel.ids import PublicId
from packages_app.models import OfferingKind, Subscription, SubscriptionState
from packages_app.operations.subscriptions import cancel_subscription
from packages_app.queries.standing import list_dependents
from packages_app.queries.subscriptions import (
    is_bound,
    is_cancellable,
    list_coming_subscriptions,
    list_subscriptions,
)
from packages_app.web.deals import deal_of, last_day, last_day_of_month
from packages_app.web.owned import subscription_or_404


@require_safe
@line_required
def subscriptions(request: SignedInRequest) -> HttpResponse:
    """List all that this number has, free or paid, and what it has confirmed and begins later."""
    now = current_instant()
    found = [
        *list_subscriptions(request.line.account_id, request.line.id, now),
        *list_coming_subscriptions(request.line.account_id, request.line.id, now),
    ]
    return render(request, "packages_app/subscriptions.html", {"rows": [_row(item, now) for item in found]})


def _row(subscription: Subscription, now: datetime) -> dict[str, object]:
    """Return the parameters of components/_subscription.html."""
    public_id = PublicId(subscription.account_id, subscription.id)
    cancellable = is_cancellable(subscription, now)
    coming = subscription.started_at > now
    is_plan = subscription.offering.kind == OfferingKind.PLAN
    return {
        "deal": deal_of(subscription.terms),
        "since": date_format(localtime(subscription.started_at).date()),
        "until": date_format(last_day(subscription.ends_at)) if subscription.ends_at else "",
        "badge": _("begins later") if coming else _("cancelled") if subscription.cancelled_at is not None else "",
        "kept_because": "" if cancellable else _kept_because(subscription, now),
        "cancel_url": reverse("packages:cancel", args=[public_id]) if cancellable else "",
        "change_url": reverse("packages:catalogue") if is_plan and not coming and not subscription.ends_at else "",
        "proof_url": reverse("packages:order-evidence", args=[public_id]),
    }


def _kept_because(subscription: Subscription, now: datetime) -> str:
    if subscription.offering.kind == OfferingKind.PLAN:
        if subscription.ends_at is not None:
            return _("Your next plan takes its place then.")
        return _("A number needs a plan: change it instead of cancelling.")
    if subscription.cancelled_at is not None:
        return _("Paid to the end; nothing more is charged.")
    if subscription.committed_until is not None and is_bound(subscription, now):
        day = date_format(localtime(subscription.committed_until).date())
        return _("Your contract binds you until %(day)s.") % {"day": day}
    return _("Paid once; ends by itself.")


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def cancel(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Say what cancelling means, and cancel on POST. Sent twice, it is cancelled once."""
    subscription, line = subscription_or_404(request, public_id)
    now = current_instant()
    deal = deal_of(subscription.terms)
    if request.method != "POST":
        if not is_cancellable(subscription, now):
            return redirect("packages:subscriptions")
        context: dict[str, object] = {"deal": deal, "line": line, "last_day": last_day_of_month(now)}
        dependents = list_dependents(line=line, offering_code=subscription.offering_id, now=now)
        context["dependents"] = [dependent.name_in(get_language() or "") for dependent in dependents]
        template = "packages_app/withdraw.html" if subscription.started_at > now else "packages_app/cancel.html"
        return render(request, template, context | {"starts_at": subscription.started_at})
    try:
        cancelled = cancel_subscription(
            account_id=subscription.account_id, subscription_id=subscription.id, channel=Channel.WEB, now=now
        )
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        response = redirect("packages:subscriptions")
        response.outcome = refusal.code  # type: ignore[attr-defined]
        return response
    if cancelled.state == SubscriptionState.WITHDRAWN:
        messages.success(request, _("The change to %(name)s is withdrawn. Your plan goes on.") % {"name": deal.name})
    elif cancelled.ends_at is not None:
        day = date_format(last_day(cancelled.ends_at))
        words = {"name": deal.name, "day": day}
        messages.success(request, _("%(name)s is cancelled. You can use it to the end of %(day)s.") % words)
    return redirect("packages:subscriptions")
