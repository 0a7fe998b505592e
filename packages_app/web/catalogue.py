"""What is on sale. Ordering goes on in `packages_app.web.order_check`."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from kernel.clock import now as current_instant
from packages_app.models import Offering, OfferingKind
from packages_app.queries.catalogue import list_offerings
from packages_app.queries.subscriptions import list_subscriptions
from packages_app.queries.terms import get_terms
from packages_app.web.deals import Deal, deal_of


@dataclass(frozen=True, slots=True)
class Offer:
    """One card of the catalogue; without `url` it is shown for information."""

    deal: Deal
    note: str
    badge: str
    url: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The offers of one kind."""

    title: str | Promise
    lead: str | Promise
    offers: list[Offer]


# In the order of the page: what can be ordered first.
_SHELVES: dict[str, tuple[str | Promise, str | Promise]] = {
    OfferingKind.DATA_PACK: (
        gettext_lazy("Data packs"),
        gettext_lazy("Paid once. They begin when you confirm and last to the end of the month."),
    ),
    OfferingKind.VALUE_ADDED: (
        gettext_lazy("Services"),
        gettext_lazy("Paid each month until you cancel, which you can do at any time under My services."),
    ),
    OfferingKind.PLAN: (
        gettext_lazy("Plans"),
        gettext_lazy(
            "A dearer plan can begin at once or next month, any other next month. Your present one ends then."
        ),
    ),
}


@require_safe
@line_required
def catalogue(request: SignedInRequest) -> HttpResponse:
    """Show what is on sale, by kind."""
    now = current_instant()
    had = {item.offering_id for item in list_subscriptions(request.line.account_id, request.line.id, now)}
    offerings = list_offerings(now=now)
    shelves = [
        Shelf(title, lead, [_offer(offering, had) for offering in offerings if offering.kind == kind])
        for kind, (title, lead) in _SHELVES.items()
    ]
    return render(request, "packages_app/catalogue.html", {"shelves": [shelf for shelf in shelves if shelf.offers]})


def _offer(offering: Offering, had: set[str]) -> Offer:
    deal = deal_of(get_terms(offering))
    collected = _("Collected for %(provider)s") % {"provider": deal.provider_name} if deal.provider_name else ""
    is_current_plan = offering.kind == OfferingKind.PLAN and offering.code in had
    return Offer(
        deal=deal,
        note=" · ".join(text for text in (deal.summary, collected) if text),
        badge=_("yours now") if offering.code in had and offering.kind != OfferingKind.DATA_PACK else "",
        url="" if is_current_plan else reverse("packages:order", args=[offering.code]),
    )
