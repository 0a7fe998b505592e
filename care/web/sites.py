"""Shops and WLAN hotspots, looked for by place; anybody may ask."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from care.models import CLOSED, Site, SiteKind
from care.queries.sites import find_sites
from kernel.regions import region_name

LONGEST_SEARCH = 60
MOST_SHOWN = 50


@require_safe
def outlets(request: HttpRequest) -> HttpResponse:
    """Show the shops whose name or place is as was asked for."""
    return _page(request, SiteKind.OUTLET, "care/outlets.html")


@require_safe
def hotspots(request: HttpRequest) -> HttpResponse:
    """Show the WLAN hotspots whose name or place is as was asked for."""
    return _page(request, SiteKind.HOTSPOT, "care/hotspots.html")


def _page(request: HttpRequest, kind: SiteKind, template: str) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    found = find_sites(words, kind=kind, limit=MOST_SHOWN + 1)
    language = get_language() or ""
    context = {
        "words": words,
        "sites": [_shown(site, language) for site in found[:MOST_SHOWN]],
        "there_are_more": len(found) > MOST_SHOWN,
    }
    return render(request, template, context)


def _shown(site: Site, language: str) -> dict[str, Any]:
    joint = ", " if language == "en" else ""
    parts = (region_name(site.province, language) if site.province else "", site.city, site.district, site.address)
    placed = [part for part in parts if part]
    return {
        "name": site.name_in(language),
        "place": joint.join(reversed(placed) if language == "en" else placed),
        "description": site.description,
        "hours": [
            (day, pgettext("a shop on a day", "closed") if hours == CLOSED else hours.replace("-", "–"))
            for day, hours in ((_("Monday to Friday"), site.weekday_hours), (_("Weekend"), site.weekend_hours))
            if hours
        ],
        "point": f"geo:{site.latitude},{site.longitude}" if site.latitude is not None else "",
    }
