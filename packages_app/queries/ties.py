"""Reads which offerings need or shut out each other."""

from collections.abc import Collection

from django.db.models import Q

from packages_app.models import OfferingLink


def list_ties(codes: Collection[str]) -> list[OfferingLink]:
    """Return the ties on either side of which one of the offerings stands, with both sides; one query."""
    touching = Q(offering_id__in=codes) | Q(other_id__in=codes)
    return list(OfferingLink.objects.filter(touching).select_related("offering", "other").order_by("pk"))
