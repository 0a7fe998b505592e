"""Reads which offerings need or shut out each other."""

from collections.abc import Collection

from django.db.models import Q

from packages_app.models import LinkKind, Offering, OfferingLink


def list_ties(codes: Collection[str]) -> list[OfferingLink]:
    """Return the ties on either side of which one of the offerings stands, with both sides; one query."""
    touching = Q(offering_id__in=codes) | Q(other_id__in=codes)
    return list(OfferingLink.objects.filter(touching).select_related("offering", "other").order_by("pk"))


def list_codes() -> set[str]:
    """Return the codes of all that was ever in the catalogue."""
    return set(Offering.objects.values_list("code", flat=True))


def get_needs() -> dict[str, set[str]]:
    """Return which others each offering needs, by code."""
    needs: dict[str, set[str]] = {}
    for code, other in OfferingLink.objects.filter(kind=LinkKind.REQUIRES).values_list("offering_id", "other_id"):
        needs.setdefault(code, set()).add(other)
    return needs
