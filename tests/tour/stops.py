"""Every page of the hall, found from its addresses, so that a new page is looked at and tested too.

A new address without arguments is a stop by itself. One with arguments needs a line in `FILLED_IN`; a page that shows
more than one situation has the others in `SITUATIONS`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.urls import URLPattern, URLResolver, get_resolver

from billing.queries.e_invoices import InvoiceSubject
from portal.web.styleguide import PAGES
from tests.tour.stage import Stage

# The desk of staff, what machines ask for, and the switches of every page.
ELSEWHERE = ("staff/", "oauth/", "tmf-api/", "api/")
# Answered without a page: why.
NO_PAGES = {
    "healthz": "asked by machines",
    "readyz": "asked by machines",
    "manifest": "asked by browsers",
    "service-worker": "asked by browsers",
    "set_language": "goes back to where it was pressed",
    "messaging:report-notice": "asked by machines",
    "billing:payment-callback": "asked by machines",
    "handset:texts": "a part of the handset",
    "billing:card-payment": "goes back to the amount when it is only looked at",
    "billing:points-exchange": "asks how many points; see SITUATIONS",
    "care:ticket-reply": "goes back to the ticket when it is only looked at",
    "packages:confirm": "goes back to the order when it is only looked at",
    "accounts:data-download": "a file",
    "billing:bill-pdf": "a file",
    "billing:statement-export": "a file",
    "packages:usage-details-export": "a file",
}

_ARGUMENT = re.compile(r"<[^>]+>")
_Fill = Callable[[Stage], dict[str, str]]
# The beginning of an address with its arguments: what stands for them, by a name for each. Pages about the same thing
# have the same beginning.
FILLED_IN: dict[str, _Fill] = {
    "styleguide/<slug:page>/": lambda _stage: {page: page for page in PAGES},
    "payment-methods/<slug:public_id>/unlink/": lambda stage: {"card": stage.card},
    "payment-methods/<slug:public_id>/": lambda stage: {"waiting": stage.unlinked_card},
    "top-up/<slug:public_id>/": lambda stage: stage.top_ups,
    "cashier/<slug:payment_number>/": lambda stage: {"payment": stage.payment_number},
    "bill/<slug:month>/": lambda stage: {"month": str(stage.bill)},
    "e-invoices/ask/<slug:subject>/": lambda stage: {"bill": str(InvoiceSubject(month=stage.bill))},
    "e-invoices/<slug:public_id>/": lambda stage: {"any": stage.card},
    "packages/<slug:code>/about/": lambda _stage: _codes("PLAN-FAMILY-169", "DEVICE-LUMEN-PRO-24"),
    "packages/<slug:code>/": lambda _stage: _codes("DATA-20GB-MONTHLY", "PLAN-JOY-99"),
    "cart/add/<slug:code>/": lambda _stage: _codes("DATA-1GB"),
    "cart/remove/<slug:code>/": lambda _stage: _codes("DATA-1GB"),
    "orders/<slug:public_id>/": lambda stage: stage.orders,
    "tickets/<slug:public_id>/": lambda stage: stage.tickets,
    "subscriptions/<slug:public_id>/": lambda stage: {"bought": stage.subscription},
}


def _codes(*codes: str) -> dict[str, str]:
    return {code.lower(): code for code in codes}


class Who(StrEnum):
    """In whose window a page is opened."""

    VISITOR = "visitor"
    CODE_ON_ITS_WAY = "code-on-its-way"
    CUSTOMER = "customer"
    UNPROVED = "unproved"
    OWING = "owing"
    NEWCOMER = "newcomer"


@dataclass(frozen=True)
class Stop:
    """One page in one situation.

    :ivar named: the address with names for its arguments.
    """

    path: str
    who: Who = Who.CUSTOMER
    named: str = ""

    @property
    def name(self) -> str:
        """For a file."""
        words = re.sub(r"[^a-z0-9]+", "-", (self.named or self.path).lower()).strip("-") or "home"
        return words if self.who == Who.CUSTOMER else f"{words}--{self.who}"


# The same addresses for somebody else, or asked for something else.
SITUATIONS = (
    *(Stop("/", who) for who in (Who.VISITOR, Who.OWING, Who.NEWCOMER)),
    *(Stop(path, Who.VISITOR) for path in ("/sign-in/", "/sign-in/password/", "/packages/", "/no-such-page/")),
    *(Stop(path, Who.OWING) for path in ("/bills/", "/statement/", "/top-up/", "/barring/")),
    *(Stop(path, Who.NEWCOMER) for path in ("/bill/", "/bills/", "/statement/", "/orders/", "/subscriptions/")),
    *(Stop(path, Who.NEWCOMER) for path in ("/usage/", "/usage/details/", "/cart/", "/e-invoices/", "/sign-ins/")),
    *(
        Stop(path, Who.NEWCOMER)
        for path in ("/payment-methods/", "/automatic-top-up/", "/service-password/", "/tickets/")
    ),
    Stop("/sign-in/code/", Who.CODE_ON_ITS_WAY),
    Stop("/usage/details/", Who.UNPROVED),
    Stop("/packages/PLAN-JOY-99/?start=NOW"),
    Stop("/points/exchange/?points=100"),
    Stop("/functions/?q=话费"),
    Stop("/functions/?q=nothing-of-the-kind"),
    Stop("/packages/?q=流量"),
    Stop("/packages/?q=nothing-of-the-kind"),
    Stop("/packages/compare/?code=PLAN-JOY-59&code=PLAN-JOY-199"),
)


def list_stops(stage: Stage) -> list[Stop]:
    """Return every page; addresses that only take forms are among them.

    :raises LookupError: an address has arguments that nothing fills in.
    """
    stops = [stop for name, route in list_addresses() for stop in _fill_in(route, name, stage)]
    return [*dict.fromkeys((*stops, *SITUATIONS))]


def list_addresses() -> Iterator[tuple[str, str]]:
    """Yield name and route of every address that may be a page of a customer."""
    for name, route in _walk(get_resolver().url_patterns, "", ""):
        if not route.startswith(ELSEWHERE) and name not in NO_PAGES and not route.startswith("^"):
            yield name, route


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, space: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route, f"{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}", route


def _fill_in(route: str, name: str, stage: Stage) -> list[Stop]:
    if "<" not in route:
        return [Stop(f"/{route}")]
    for beginning, filled in FILLED_IN.items():
        if route.startswith(beginning):
            return [
                Stop(f"/{_ARGUMENT.sub(value, route)}", named=_ARGUMENT.sub(label, route))
                for label, value in filled(stage).items()
            ]
    raise LookupError(f"{name}: say in {__name__}.FILLED_IN what stands for the arguments of /{route}")
