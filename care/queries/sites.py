"""Reads shops and hotspots."""

from django.db.models import Q, QuerySet

from care.models import Site, SiteKind, SiteState
from kernel.regions import PROVINCE_CODES, region_name
from messaging.texts import LANGUAGES

MOST_WORDS = 6


def list_all_sites() -> QuerySet[Site]:
    """Return every site, whatever its state."""
    return Site.objects.all()


def find_sites(words: str, *, kind: SiteKind | None = None, limit: int = 50) -> list[Site]:
    """Return open sites in whose name or place every word stands, by place and name.

    :param words: of a province, city, district, street or name, in any order; none finds all.
    """
    found = Site.objects.filter(state=SiteState.ACTIVE)
    if kind is not None:
        found = found.filter(kind=kind)
    for word in words.split()[:MOST_WORDS]:
        found = found.filter(_says(word))
    return list(found.order_by("province", "city", "district", "name_zh", "id")[:limit])


def _says(word: str) -> Q:
    columns = ("name_zh", "name_en", "city", "district", "address")
    said = Q(province__in=_provinces_called(word))
    for column in columns:
        said |= Q(**{f"{column}__icontains": word})
    return said


def _provinces_called(word: str) -> list[str]:
    called = word.lower().removesuffix("省")
    if not called:
        return []
    return [
        code
        for code in PROVINCE_CODES
        if any(region_name(code, language).lower().startswith(called) for language in LANGUAGES)
    ]
