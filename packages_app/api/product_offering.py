"""TMF620 productOffering: what can be ordered, and what partners put together before it can be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.errors import DomainError
from kernel.regions import region_name
from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Attribute, Caller, Change, Column, Creation, Removal, Resource
from kernel.rest.selection import find_row
from kernel.rest.shapes import Flag, ListOf, Structure, Text, Whole
from kernel.rest.structures import TIME_PERIOD, reference, reference_shape, time_period
from packages_app.api.product_catalog import (
    API,
    SHARED_ATTRIBUTES,
    SHARED_BODY,
    author_of,
    by_entity_id,
    columns_of,
    complete,
    refuse_bundle,
    require_only,
)
from packages_app.api.product_offering_price import PRODUCT_OFFERING_PRICE
from packages_app.api.product_specification import PRODUCT_SPECIFICATION
from packages_app.models import LinkKind, OfferingKind, PartKind
from packages_app.operations.catalogue_parts import (
    IN_DESIGN,
    change_offering,
    change_part,
    make_part,
    publish_design,
    remove_offering,
    remove_part,
)
from packages_app.queries.catalogue_entries import (
    ACTIVE,
    BEYOND,
    LAUNCHED,
    PRICE,
    PUBLISHED,
    RETIRED,
    START,
    CatalogueEntry,
    list_offering_rows,
    list_unknown_parts,
)

_ON_SALE = (ACTIVE, LAUNCHED)
_CATEGORY = reference_shape("Category")
_PLACE = reference_shape("Place")
_SPECIFICATION = reference_shape("ProductSpecification")
_PRICE = reference_shape("ProductOfferingPrice")
_TERM = Structure(
    "ProductOfferingTerm",
    {"name": Text(), "duration": Structure("Duration", {"amount": Whole(), "units": Text(choices=("month",))})},
)
_RELATIONSHIP = Structure(
    "ProductOfferingRelationship",
    {"id": Text(), "href": Text(), "name": Text(), "relationshipType": Text(), "@referredType": Text()},
)
_RELATIONSHIP_TYPES = {LinkKind.REQUIRES.value: "requires", LinkKind.EXCLUDES.value: "excludes"}
_BODY = {
    **SHARED_BODY,
    "isSellable": Flag(),
    "category": ListOf(_CATEGORY, max_length=1),
    "place": ListOf(_PLACE, max_length=40),
    "productSpecification": _SPECIFICATION,
    "productOfferingPrice": ListOf(_PRICE, max_length=2),
    "productOfferingTerm": ListOf(_TERM, max_length=1),
}
_MOST_MONTHS = 120


class StatusNotPossible(DomainError):
    """What is in the catalogue is on sale or retired; it does not go back into design."""

    code = "OFFERING_STATUS_NOT_POSSIBLE"
    message = gettext_lazy("An offering in the catalogue cannot have this status.")
    cure = gettext_lazy("Retire it, or put it on sale again.")
    field = "lifecycleStatus"
    http_status = 409


def _kind(entry: CatalogueEntry) -> str | None:
    if entry.offering is not None:
        return entry.offering.kind
    return entry.part.content.get("kind") if entry.part else None


def _categories(entry: CatalogueEntry) -> list[dict[str, str]] | None:
    kind = _kind(entry)
    return [reference(kind, "Category", name=str(OfferingKind(kind).label))] if kind else None


def _places(entry: CatalogueEntry) -> list[dict[str, str]] | None:
    provinces = entry.offering.provinces if entry.offering else (entry.part and entry.part.content.get("provinces"))
    return [reference(code, "Place", name=region_name(code)) for code in provinces or ()] or None


def _valid_for(entry: CatalogueEntry) -> dict[str, str] | None:
    if entry.offering is not None:
        return time_period(entry.offering.on_sale_from, entry.offering.on_sale_to)
    assert entry.part is not None
    starts_at, ends_at = (entry.part.content.get(name) for name in ("valid_from", "valid_to"))
    if starts_at is None:
        return None
    return time_period(datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at) if ends_at else None)


def _specification(entry: CatalogueEntry) -> dict[str, str]:
    if entry.part is None:
        return PRODUCT_SPECIFICATION.reference(entry.entity_id, name=entry.title)
    return PRODUCT_SPECIFICATION.reference(entry.detail, name=entry.names.get(entry.detail, entry.title))


def _prices(entry: CatalogueEntry) -> list[dict[str, str]]:
    if entry.part is not None:
        codes = entry.part.content.get("prices", [])
        return [PRODUCT_OFFERING_PRICE.reference(code, name=entry.names.get(code, entry.title)) for code in codes]
    offering = entry.offering
    assert offering is not None
    slots = [PRICE, *([START] if offering.one_off_fen else [])]
    slots += [f"{BEYOND}.{price.usage_kind}.{price.region or 'home'}" for price in offering.unit_prices.all()]
    return [PRODUCT_OFFERING_PRICE.reference(f"{offering.code}.{slot}", name=entry.title) for slot in slots]


def _terms(entry: CatalogueEntry) -> list[dict[str, Any]] | None:
    months = (
        entry.offering.commitment_months
        if entry.offering
        else entry.part and entry.part.content.get("commitment_months")
    )
    return [{"name": "commitment", "duration": {"amount": months, "units": "month"}}] if months else None


def _relationships(entry: CatalogueEntry) -> list[dict[str, str]] | None:
    if entry.offering is None:
        return None
    return [
        PRODUCT_OFFERING.reference(
            link.other_id,
            name=link.other.name_in(entry.language),
            relationshipType=_RELATIONSHIP_TYPES[link.kind],
        )
        for link in entry.offering.links.all()
    ] or None


def _content(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a body an offering in design keeps as plain data.

    :raises AttributeInvalid: it names what there is not.
    """
    content: dict[str, Any] = {}
    if values.get("category"):
        content["kind"] = values["category"][0]["id"]
        if content["kind"] not in OfferingKind.values:
            choices = {"choices": ", ".join(OfferingKind.values)}
            raise AttributeInvalid(field="category[0].id", cure=_("It must be one of: %(choices)s.") % choices)
    if "place" in values:
        content["provinces"] = [place["id"] for place in values["place"]]
    if "validFor" in values:
        period = values["validFor"]
        for name, column in (("startDateTime", "valid_from"), ("endDateTime", "valid_to")):
            content[column] = period[name].isoformat() if name in period else None
    if "productSpecification" in values:
        content["specification"] = values["productSpecification"]["id"]
        if list_unknown_parts(kind=PartKind.SPECIFICATION, codes=[content["specification"]]):
            raise AttributeInvalid(field="productSpecification.id", cure=_("There is none to be used."))
    if "productOfferingPrice" in values:
        content["prices"] = [price["id"] for price in values["productOfferingPrice"]]
        unknown = list_unknown_parts(kind=PartKind.PRICE, codes=content["prices"])
        if unknown:
            index = content["prices"].index(unknown[0])
            raise AttributeInvalid(field=f"productOfferingPrice[{index}].id", cure=_("There is none to be used."))
    if values.get("productOfferingTerm"):
        content["commitment_months"] = _months(values["productOfferingTerm"][0])
    return content


def _months(term: Mapping[str, Any]) -> int:
    months = int(term.get("duration", {}).get("amount", 0))
    if not 0 <= months <= _MOST_MONTHS:
        raise AttributeInvalid(field="productOfferingTerm[0].duration.amount", cure=_("Give months, 120 at most."))
    return months


def _find(code: str, caller: Caller) -> CatalogueEntry:
    found = find_row(PRODUCT_OFFERING, code, caller)
    assert found is not None  # it was kept this moment
    return found


def _create(values: dict[str, Any], caller: Caller, _key: str) -> CatalogueEntry:
    refuse_bundle(values)
    status = values.get("lifecycleStatus", IN_DESIGN)
    part = make_part(
        kind=PartKind.OFFERING,
        name=values["name"],
        description=values.get("description", ""),
        status=IN_DESIGN if status in _ON_SALE else status,
        content=_content(values),
        author=author_of(caller),
        now=caller.now,
    )
    if status in _ON_SALE:
        publish_design(code=part.code, author=author_of(caller), now=caller.now)
    return _find(part.code, caller)


def _change(entry: CatalogueEntry, changes: dict[str, Any], caller: Caller) -> CatalogueEntry:
    refuse_bundle(changes)
    if entry.part is None:
        _change_published(entry, changes, caller)
        return _find(entry.entity_id, caller)
    columns = columns_of(changes)
    publish = columns.get("lifecycle_status") in _ON_SALE
    if publish:
        del columns["lifecycle_status"]
    change_part(
        code=entry.entity_id,
        changes=columns,
        content=_content(changes),
        author=author_of(caller),
        now=caller.now,
    )
    if publish:
        publish_design(code=entry.entity_id, author=author_of(caller), now=caller.now)
    return _find(entry.entity_id, caller)


def _change_published(entry: CatalogueEntry, changes: dict[str, Any], caller: Caller) -> None:
    require_only(changes, "name", "description", "place", "validFor", "lifecycleStatus", "isSellable")
    language = "en" if caller.language == "en" else "zh"
    fields: dict[str, Any] = {}
    if "name" in changes:
        fields[f"name_{language}"] = changes["name"]
    if "description" in changes:
        fields[f"summary_{language}"] = changes["description"] or ""
    if "place" in changes:
        fields["provinces"] = [place["id"] for place in changes["place"]]
    if "validFor" in changes:
        period = changes["validFor"]
        fields["on_sale_to"] = period.get("endDateTime")
        if "startDateTime" in period:
            fields["on_sale_from"] = period["startDateTime"]
    status = changes.get("lifecycleStatus", entry.status)
    if status not in PUBLISHED:
        raise StatusNotPossible
    if status == RETIRED != entry.status:
        fields["on_sale_to"] = caller.now
    elif status in _ON_SALE and entry.status == RETIRED and "validFor" not in changes:
        fields["on_sale_to"] = None
    if fields:
        change_offering(code=entry.entity_id, fields=fields, author=author_of(caller), now=caller.now)


def _remove(entry: CatalogueEntry, _caller: Caller) -> None:
    if entry.part is None:
        remove_offering(code=entry.entity_id)
    else:
        remove_part(code=entry.entity_id)


PRODUCT_OFFERING: Resource[CatalogueEntry] = Resource(
    api=API,
    name="productOffering",
    type_name="ProductOffering",
    summary=(
        "What can be ordered, will be or could be: the catalogue, the same for everybody; and offerings in design, "
        "which nobody can order yet."
    ),
    rows=lambda caller: list_offering_rows(language=caller.language, now=caller.now),
    complete=complete,
    public_id=lambda entry: entry.entity_id,
    find=by_entity_id,
    order=("entity_id",),
    attributes=(
        *SHARED_ATTRIBUTES,
        Attribute(
            name="isSellable",
            shape=Flag(),
            read=lambda entry: entry.part is None and entry.status == LAUNCHED,
            always=True,
        ),
        Attribute(name="validFor", shape=TIME_PERIOD, read=_valid_for, description="When it is sold."),
        Attribute(name="category", shape=ListOf(_CATEGORY), read=_categories),
        Attribute(name="place", shape=ListOf(_PLACE), read=_places, description="Provinces; none is everywhere."),
        Attribute(
            name="productSpecification",
            shape=_SPECIFICATION,
            read=_specification,
            always=True,
            filters={"id": Column("detail")},
        ),
        Attribute(name="productOfferingPrice", shape=ListOf(_PRICE), read=_prices, always=True),
        Attribute(name="productOfferingTerm", shape=ListOf(_TERM), read=_terms),
        Attribute(name="productOfferingRelationship", shape=ListOf(_RELATIONSHIP), read=_relationships),
    ),
    creation=Creation(
        body=Structure(
            "ProductOffering_Create",
            _BODY,
            required=("name",),
            description=(
                "Without a productSpecification it gets an empty one. isSellable, lastUpdate and version are taken and "
                "not kept: they follow."
            ),
        ),
        create=_create,
        summary=(
            "Keeps an offering in design; with lifecycleStatus Active or Launched it is put into the catalogue at "
            "once, with copies of its price and specification, if it has a category (PLAN, DATA_PACK, ROAMING_PASS, "
            "VALUE_ADDED, DEVICE_CONTRACT) and a price."
        ),
        example={"name": "10 GB for a month", "category": [{"id": "DATA_PACK"}]},
    ),
    change=Change(
        body=Structure("ProductOffering_Update", _BODY),
        change=_change,
        clearable=("description",),
        summary=(
            "Active or Launched puts an offering in design into the catalogue. There its name, description, provinces "
            "and sale can be changed, its prices and specification by their own addresses; Retired ends its sale now."
        ),
        example={"lifecycleStatus": RETIRED},
    ),
    removal=Removal(
        remove=_remove,
        summary="Takes away what nobody ever ordered. An offering that was sold is retired instead: 409.",
    ),
    example={
        "id": "DATA-10G",
        "href": "https://hall.example.com/tmf-api/productCatalogManagement/v4/productOffering/DATA-10G",
        "name": "10GB流量包",
        "lifecycleStatus": LAUNCHED,
        "lastUpdate": "2026-03-26T00:32:00Z",
        "version": "1",
        "isBundle": False,
        "isSellable": True,
        "validFor": {"startDateTime": "2025-12-31T16:00:00Z"},
        "category": [{"id": "DATA_PACK", "name": "data pack", "@referredType": "Category"}],
        "productSpecification": {
            "id": "DATA-10G",
            "href": "https://hall.example.com/tmf-api/productCatalogManagement/v4/productSpecification/DATA-10G",
            "name": "10GB流量包",
            "@referredType": "ProductSpecification",
        },
        "productOfferingPrice": [
            {
                "id": "DATA-10G.price",
                "href": "https://hall.example.com/tmf-api/productCatalogManagement/v4/productOfferingPrice/"
                "DATA-10G.price",
                "name": "10GB流量包",
                "@referredType": "ProductOfferingPrice",
            }
        ],
        "@type": "ProductOffering",
    },
)
