"""The hall on the home screen of a phone: its manifest, and a worker with a page for when there is no network.

The worker keeps that one page and its looks. Pages about somebody's account are never kept.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.web.error_pages import offline_page
from portal.web.page_context import hall

_PANEL, _PAPER = "#06413b", "#f3f5f0"


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """Say how the hall looks on a home screen."""
    name = hall(request)["operator_name"]
    icon = {"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    return JsonResponse(
        {
            "id": "/",
            "name": _("%(operator_name)s online business hall") % {"operator_name": name},
            "short_name": name,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "theme_color": _PANEL,
            "background_color": _PAPER,
            "icons": [icon],
        },
        content_type="application/manifest+json",
    )


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Give the worker; from the root, so that all pages are in its reach."""
    return render(request, "portal/service_worker.js", content_type="text/javascript")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show what stands there when there is no network."""
    return offline_page(request)
