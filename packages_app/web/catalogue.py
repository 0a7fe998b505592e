"""What is on sale: the list, one offer with everything that binds, and some of them side by side.

Ordering goes on in `packages_app.web.order_check`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from kernel.clock import now as current_instant
from kernel.errors import DomainError
from packages_app.models import Offering, OfferingKind
from packages_app.operations.eligibility import AlreadySubscribed, list_obstacles
from packages_app.queries.catalogue import OfferingUnknown, get_offering, list_offerings
from packages_app.queries.catalogue_search import Sort, find_offerings
from packages_app.queries.terms import get_terms
from packages_app.queries.ties import list_ties
from packages_app.web.catalogue_form import CatalogueForm
from packages_app.web.deals import Deal, deal_of
from packages_app.web.offer_facts import compared, list_facts

FEWEST_COMPARED, MOST_COMPARED = 2, 3


@dataclass(frozen=True, slots=True)
class Offer:
    """One card of the catalogue.

    :ivar obstacle: why the line may not have it; empty if it may, or has it.
    """

    code: str
    deal: Deal
    note: str
    badge: str
    obstacle: str
    url: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The offers of one kind."""

    kind: str
    title: str | Promise
    lead: str | Promise
    offers: list[Offer]

    @property
    def comparable(self) -> bool:
        """Whether there is something to set side by side."""
        return self.kind == OfferingKind.PLAN and len(self.offers) >= FEWEST_COMPARED


# In the order of the page: what is ordered most comes first.
_SHELVES: dict[str, tuple[str | Promise, str | Promise]] = {
    OfferingKind.DATA_PACK: (
        gettext_lazy("Data packs"),
        gettext_lazy("They begin when you confirm. Paid once, or each month until you cancel."),
    ),
    OfferingKind.PLAN: (
        gettext_lazy("Plans"),
        gettext_lazy(
            "A dearer plan can begin at once or next month, any other next month. Your present one ends then."
        ),
    ),
    OfferingKind.ROAMING_PASS: (
        gettext_lazy("Roaming passes"),
        gettext_lazy("For Hong Kong, Macao, Taiwan and abroad. Paid once; the days count from your confirmation."),
    ),
    OfferingKind.VALUE_ADDED: (
        gettext_lazy("Services"),
        gettext_lazy("Paid each month until you cancel, which you can do at any time under My services."),
    ),
    OfferingKind.DEVICE_CONTRACT: (
        gettext_lazy("Phones with a contract"),
        gettext_lazy("They bind you for some months; each says for how many before you order."),
    ),
}


@require_safe
@line_required
def catalogue(request: SignedInRequest) -> HttpResponse:
    """Show what is on sale, by kind or in the order asked for, with why the line may not have some of it."""
    now = current_instant()
    form = CatalogueForm(request.GET, auto_id="find_%s")
    search = form.search
    on_sale = list_offerings(now=now)
    found = find_offerings(on_sale, search)
    obstacles = list_obstacles(line=request.line, offerings=found, now=now)
    if form.only_mine:
        found = [offering for offering in found if not _obstacle_words(obstacles.get(offering.code))]
    offers = [(offering.kind, _offer(offering, obstacles)) for offering in found]
    if search.sort is Sort.CATALOGUE:
        shelves = [
            Shelf(kind, title, lead, [offer for of_kind, offer in offers if of_kind == kind])
            for kind, (title, lead) in _SHELVES.items()
        ]
    else:
        shelves = [Shelf(search.kind, _("Offers found"), "", [offer for _kind, offer in offers])]
    context = {
        "form": form,
        "shelves": [shelf for shelf in shelves if shelf.offers],
        "found_count": len(found),
        "anything_on_sale": bool(on_sale),
        "is_filtered": any(request.GET.values()),
        "most_compared": MOST_COMPARED,
    }
    template = "packages_app/catalogue.html"
    return render(request, f"{template}#found" if request.headers.get("HX-Request") == "true" else template, context)


@require_safe
@line_required
def offering(request: SignedInRequest, code: str) -> HttpResponse:
    """Show everything that binds in one offer, on sale or not, and what keeps this line from it."""
    now = current_instant()
    try:
        found = get_offering(code=code)
    except OfferingUnknown:
        raise Http404 from None
    obstacle = list_obstacles(line=request.line, offerings=[found], now=now).get(found.code)
    context = {
        "offering": found,
        "deal": deal_of(get_terms(found)),
        "facts": list_facts(found, list_ties([found.code])),
        "obstacle": obstacle,
        "is_held": isinstance(obstacle, AlreadySubscribed),
    }
    return render(request, "packages_app/offering.html", context)


@require_safe
@line_required
def compare(request: SignedInRequest) -> HttpResponse:
    """Set two or three plans side by side; with fewer or more, ask which."""
    plans = [plan for plan in list_offerings(now=current_instant()) if plan.kind == OfferingKind.PLAN]
    asked = set(request.GET.getlist("code"))
    chosen = [plan for plan in plans if plan.code in asked]
    enough = FEWEST_COMPARED <= len(chosen) <= MOST_COMPARED
    language = get_language() or ""
    context = {
        "choices": [(plan.code, plan.name_in(language), plan.code in asked) for plan in plans],
        "names": [(plan.code, plan.name_in(language)) for plan in chosen] if enough else [],
        "rows": compared(chosen, list_ties([plan.code for plan in chosen])) if enough else [],
        "is_wrong_number": bool(asked) and not enough,
    }
    return render(request, "packages_app/compare.html", context)


def _offer(found: Offering, obstacles: Mapping[str, DomainError]) -> Offer:
    deal = deal_of(get_terms(found))
    obstacle = obstacles.get(found.code)
    collected = _("Collected for %(provider)s") % {"provider": deal.provider_name} if deal.provider_name else ""
    return Offer(
        code=found.code,
        deal=deal,
        note=_note((deal.summary, collected)),
        badge=_("yours now") if isinstance(obstacle, AlreadySubscribed) else "",
        obstacle=_obstacle_words(obstacle),
        url=reverse("packages:offering", args=[found.code]),
    )


def _note(texts: Sequence[str]) -> str:
    return " · ".join(text for text in texts if text)


def _obstacle_words(obstacle: DomainError | None) -> str:
    return "" if obstacle is None or isinstance(obstacle, AlreadySubscribed) else str(obstacle.message)
