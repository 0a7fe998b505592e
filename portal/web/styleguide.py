"""The style guide of demo mode: every component, and what pages look like made of them. Nothing on it is real."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.web import styleguide_samples as samples

PAGES = {
    "components": samples.components,
    "home": samples.home,
    "sign-in": samples.sign_in,
    "bill": samples.bill,
    "top-up": samples.top_up,
    "top-up-result": samples.top_up_result,
    "cashier": samples.cashier,
    "catalogue": samples.catalogue,
    "order-check": samples.order_check,
    "order-waiting": samples.order_waiting,
    "receipt": samples.receipt,
    "subscriptions": samples.subscriptions,
    **{f"error-{status}": samples.mishap for status in (400, 403, 404, 405, 429, 500, 503)},
}


@require_safe
def styleguide(request: HttpRequest, page: str = "components") -> HttpResponse:
    """Show the components, or one page made of them.

    :param page: a name of `PAGES`.
    :raises Http404: no such page, or demo mode is off.
    """
    if not settings.DEMO_MODE or page not in PAGES:
        raise Http404
    context = {"page": page, "pages": list(PAGES), "handset": samples.handset(), **PAGES[page]()}
    if page.startswith("error-"):
        return render(request, f"errors/{page.removeprefix('error-')}.html", context)
    return render(request, f"styleguide/{page.replace('-', '_')}.html", context)
