"""Reads the catalogue as TMF620 divides it: offerings, their prices and specifications, and parts not published yet.

Each list is several querysets with the same columns: `entity_id`, `code`, `title`, `status`, `changed_at`, `is_part`,
and `detail`: of an offering its specification, of a price its type.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat

from packages_app.models import CataloguePart, Offering, OfferingUnitPrice, OfferingVersion, PartKind, Recurrence

# The words of TMF620 for where an offering of the catalogue stands.
ACTIVE = "Active"
LAUNCHED = "Launched"
RETIRED = "Retired"
PUBLISHED = (ACTIVE, LAUNCHED, RETIRED)

PRICE, START, BEYOND = "price", "start", "beyond"
# Types of prices, as TMF620 calls them but for the last.
ONE_TIME, RECURRING, USAGE, POINTS = "oneTime", "recurring", "usage", "points"
_COLUMNS = ("entity_id", "code", "title", "status", "changed_at", "is_part", "detail")
_Rows = Sequence[QuerySet[Any, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One row of a list with what it is made of: an offering of the catalogue, or a part.

    :ivar slot: which price of the offering it is, such as "price", "start" or "beyond.DATA.home".
    :ivar detail: of an offering its specification, of a price its type.
    :ivar names: of the specifications and prices that a part names, by code.
    """

    entity_id: str
    title: str
    status: str
    detail: str
    changed_at: datetime
    offering: Offering | None
    part: CataloguePart | None
    names: Mapping[str, str]
    language: str

    @property
    def slot(self) -> str:
        return self.entity_id.partition(".")[2]


def list_offering_rows(*, language: str, now: datetime) -> _Rows:
    """Return the offerings of the catalogue and those in design, to be filtered alike and united."""
    specification = KeyTextTransform("specification", "content")
    return [
        _columns(_offerings(now), F("code"), F("code"), language),
        _parts(PartKind.OFFERING, specification),
    ]


def list_specification_rows(*, language: str, now: datetime) -> _Rows:
    """Return what each offering is, under the offering's code, and specifications not used yet."""
    return [
        _columns(_offerings(now), F("code"), Value(""), language),
        _parts(PartKind.SPECIFICATION, Value("")),
    ]


def list_price_rows(*, language: str, now: datetime) -> _Rows:
    """Return the prices of each offering (for it, at its start, beyond its allowances) and prices not used yet."""
    offerings = _offerings(now)
    beyond = OfferingUnitPrice.objects.annotate(
        **_annotations(now, "offering__"),
        place=Case(When(region="", then=Value("home")), default=F("region")),
    )
    price_type = Case(
        When(points_price__gt=0, then=Value(POINTS)),
        When(recurrence=Recurrence.MONTHLY, then=Value(RECURRING)),
        default=Value(ONE_TIME),
    )
    beyond_id = Concat("offering_id", Value(f".{BEYOND}."), "usage_kind", Value("."), "place")
    return [
        _columns(offerings, Concat("code", Value(f".{PRICE}")), price_type, language),
        _columns(offerings.filter(one_off_fen__gt=0), Concat("code", Value(f".{START}")), Value(ONE_TIME), language),
        _columns(beyond, beyond_id, Value(USAGE), language, "offering__"),
        _parts(PartKind.PRICE, KeyTextTransform("type", "content")),
    ]


def complete_entries(rows: Sequence[Mapping[str, Any]], *, language: str) -> list[CatalogueEntry]:
    """Return rows of these lists with what they are made of; six queries, however many there are."""
    contents = ("allowances", "unit_prices", "links__other")
    codes = {row["code"] for row in rows if not row["is_part"]}
    offerings = {one.code: one for one in Offering.objects.filter(code__in=codes).prefetch_related(*contents)}
    parts = CataloguePart.objects.in_bulk([row["code"] for row in rows if row["is_part"]])
    named = {code for part in parts.values() for code in named_by(part)}
    names = dict(CataloguePart.objects.filter(code__in=named).values_list("code", "name"))
    return [
        CatalogueEntry(
            entity_id=row["entity_id"],
            title=row["title"],
            status=row["status"],
            detail=row["detail"],
            changed_at=row["changed_at"],
            offering=offerings.get(row["code"]),
            part=parts.get(row["code"]) if row["is_part"] else None,
            names=names,
            language=language,
        )
        for row in rows
    ]


def named_by(part: CataloguePart) -> list[str]:
    """Return the codes of the parts that an offering in design is made of."""
    specification = part.content.get("specification")
    return [*([specification] if specification else []), *part.content.get("prices", [])]


def list_unknown_parts(*, kind: PartKind, codes: Sequence[str]) -> list[str]:
    """Return those of the codes that are no parts of this kind, in the order given."""
    known = set(CataloguePart.objects.filter(kind=kind, code__in=codes).values_list("code", flat=True))
    return [code for code in codes if code not in known]


def _annotations(now: datetime, path: str) -> dict[str, Any]:
    owner = "offering_id" if path else "code"
    changes = OfferingVersion.objects.filter(offering_id=OuterRef(owner)).order_by("-version")
    return {
        "status": Case(
            When(Q(**{f"{path}on_sale_to__lte": now}), then=Value(RETIRED)),
            When(Q(**{f"{path}on_sale_from__gt": now}), then=Value(ACTIVE)),
            default=Value(LAUNCHED),
            output_field=TextField(),
        ),
        "changed_at": Subquery(changes.values("changed_at")[:1], output_field=DateTimeField()),
    }


def _offerings(now: datetime) -> QuerySet[Any]:
    return Offering.objects.annotate(**_annotations(now, ""))


def _columns(
    rows: QuerySet[Any], entity_id: Any, detail: Any, language: str, path: str = ""
) -> QuerySet[Any, dict[str, Any]]:
    name = "name_en" if language == "en" else "name_zh"
    named: QuerySet[Any, dict[str, Any]] = rows.annotate(
        entity_id=Cast(entity_id, TextField()),
        title=Cast(F(f"{path}{name}"), TextField()),
        is_part=Value(False, BooleanField()),
        detail=Cast(detail, TextField()),
    )
    if path:
        named = named.annotate(code=Cast(F("offering_id"), CharField(max_length=40)))
    return named.order_by().values(*_COLUMNS)


def _parts(kind: PartKind, detail: Any) -> QuerySet[Any, dict[str, Any]]:
    parts: QuerySet[Any, Any] = CataloguePart.objects.filter(kind=kind).annotate(
        entity_id=Cast(F("code"), TextField()),
        title=Cast(F("name"), TextField()),
        status=Cast(F("lifecycle_status"), TextField()),
        is_part=Value(True, BooleanField()),
        detail=Cast(detail, TextField()),
    )
    return parts.order_by().values(*_COLUMNS)
