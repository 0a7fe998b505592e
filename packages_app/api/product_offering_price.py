"""TMF620 productOfferingPrice: what offerings cost, at their start, each month or once, and beyond their allowances."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Attribute, Caller, Change, Column, Creation, Removal, Resource
from kernel.rest.selection import find_row
from kernel.rest.shapes import Structure, Text, Whole
from kernel.rest.structures import MONEY, QUANTITY, money, quantity
from packages_app.api.product_catalog import (
    API,
    SHARED_ATTRIBUTES,
    SHARED_BODY,
    PublishedTogether,
    author_of,
    by_entity_id,
    columns_of,
    complete,
    refuse_bundle,
    require_only,
)
from packages_app.models import Offering, OfferingUnitPrice, PartKind
from packages_app.operations.catalogue_parts import (
    IN_DESIGN,
    change_offering,
    change_part,
    make_part,
    remove_part,
)
from packages_app.queries.catalogue_entries import (
    BEYOND,
    ONE_TIME,
    POINTS,
    PRICE,
    RECURRING,
    START,
    USAGE,
    CatalogueEntry,
    list_price_rows,
)

_UNITS = {"DATA": "byte", "VOICE": "second", "SMS": "message"}
_LI_PER_FEN = 10
_FIELDS = {PRICE: "price_fen", START: "one_off_fen"}
_BODY = {
    **SHARED_BODY,
    "priceType": Text(choices=(ONE_TIME, RECURRING)),
    "price": MONEY,
    "recurringChargePeriodType": Text(choices=("month",)),
    "recurringChargePeriodLength": Whole(),
}


def _price(entry: CatalogueEntry) -> dict[str, Any] | None:
    if entry.part is not None:
        amount_fen = entry.part.content.get("amount_fen")
        return None if amount_fen is None else money(amount_fen)
    if entry.slot.startswith(BEYOND):
        unit_price = _unit_price(entry)
        return money(unit_price.price_li * _times(unit_price) // _LI_PER_FEN)
    return money(getattr(_offering(entry), _FIELDS[entry.slot]))


def _unit_of_measure(entry: CatalogueEntry) -> dict[str, Any] | None:
    if entry.part is not None:
        return None
    if entry.slot.startswith(BEYOND):
        unit_price = _unit_price(entry)
        return quantity(Decimal(unit_price.per_amount * _times(unit_price)), _UNITS[unit_price.usage_kind])
    points = _offering(entry).points_price
    return quantity(Decimal(points), POINTS) if points and entry.slot == PRICE else None


def _times(unit_price: OfferingUnitPrice) -> int:
    """Return for how many units a price in thousandths of a yuan is one of whole fen."""
    return 1 if unit_price.price_li % _LI_PER_FEN == 0 else _LI_PER_FEN


def _offering(entry: CatalogueEntry) -> Offering:
    assert entry.offering is not None  # a row is of an offering or is a part
    return entry.offering


def _unit_price(entry: CatalogueEntry) -> OfferingUnitPrice:
    _beyond, usage_kind, place = entry.slot.split(".")
    region = "" if place == "home" else place
    return next(
        price
        for price in _offering(entry).unit_prices.all()
        if (price.usage_kind, price.region) == (usage_kind, region)
    )


def _find(entity_id: str, caller: Caller) -> CatalogueEntry:
    found = find_row(PRODUCT_OFFERING_PRICE, entity_id, caller)
    assert found is not None  # it was kept this moment
    return found


def _refuse_other_periods(values: dict[str, Any]) -> None:
    if values.get("recurringChargePeriodLength", 1) != 1:
        raise AttributeInvalid(field="recurringChargePeriodLength", cure=_("What recurs is charged every month."))


def _content(values: dict[str, Any]) -> dict[str, Any]:
    names = {"priceType": "type", "price": "amount_fen"}
    return {column: values[name] for name, column in names.items() if name in values}


def _create(values: dict[str, Any], caller: Caller, _key: str) -> CatalogueEntry:
    refuse_bundle(values)
    _refuse_other_periods(values)
    part = make_part(
        kind=PartKind.PRICE,
        name=values["name"],
        description=values.get("description", ""),
        status=values.get("lifecycleStatus", IN_DESIGN),
        content={"type": ONE_TIME} | _content(values),
        author=author_of(caller),
        now=caller.now,
    )
    return _find(part.code, caller)


def _change(entry: CatalogueEntry, changes: dict[str, Any], caller: Caller) -> CatalogueEntry:
    refuse_bundle(changes)
    _refuse_other_periods(changes)
    if entry.part is None:
        require_only(changes, "price")
        if "price" in changes:
            if entry.slot not in _FIELDS:
                raise PublishedTogether(field="price")
            fields = {_FIELDS[entry.slot]: changes["price"]}
            change_offering(code=_offering(entry).code, fields=fields, author=author_of(caller), now=caller.now)
    else:
        change_part(
            code=entry.entity_id,
            changes=columns_of(changes),
            content=_content(changes),
            author=author_of(caller),
            now=caller.now,
        )
    return _find(entry.entity_id, caller)


def _remove(entry: CatalogueEntry, _caller: Caller) -> None:
    if entry.part is None:
        raise PublishedTogether
    remove_part(code=entry.entity_id)


PRODUCT_OFFERING_PRICE: Resource[CatalogueEntry] = Resource(
    api=API,
    name="productOfferingPrice",
    type_name="ProductOfferingPrice",
    summary=(
        "What each offering costs: at its start, each month or once, and for use beyond its allowances; and prices "
        "that no offering has yet."
    ),
    rows=lambda caller: list_price_rows(language=caller.language, now=caller.now),
    complete=complete,
    public_id=lambda entry: entry.entity_id,
    find=by_entity_id,
    order=("entity_id",),
    attributes=(
        *SHARED_ATTRIBUTES,
        Attribute(
            name="priceType",
            shape=Text(choices=(ONE_TIME, RECURRING, USAGE, POINTS)),
            read=lambda entry: entry.detail,
            always=True,
            filters={"": Column("detail")},
            sort="detail",
            description="points: paid in points instead of money; unitOfMeasure says how many.",
        ),
        Attribute(name="price", shape=MONEY, read=_price),
        Attribute(
            name="unitOfMeasure",
            shape=QUANTITY,
            read=_unit_of_measure,
            description="How much use the price of use is for.",
        ),
        Attribute(
            name="recurringChargePeriodType",
            shape=Text(choices=("month",)),
            read=lambda entry: "month" if entry.detail == RECURRING else None,
        ),
        Attribute(
            name="recurringChargePeriodLength",
            shape=Whole(),
            read=lambda entry: 1 if entry.detail == RECURRING else None,
        ),
    ),
    creation=Creation(
        body=Structure(
            "ProductOfferingPrice_Create",
            _BODY,
            required=("name",),
            description="priceType is oneTime unless given. lastUpdate, validFor and version are taken and not kept.",
        ),
        create=_create,
        summary="Keeps a price for offerings in design.",
        example={"name": "15 yuan a month", "priceType": RECURRING, "price": {"unit": "CNY", "value": 15}},
    ),
    change=Change(
        body=Structure("ProductOfferingPrice_Update", _BODY),
        change=_change,
        clearable=("description",),
        summary="Of an offering in the catalogue only the price: for new orders; what was sold keeps its own.",
        example={"price": {"unit": "CNY", "value": 12.5}},
    ),
    removal=Removal(
        remove=_remove,
        summary="Takes a price away that no offering has; that of an offering in the catalogue stays: 409.",
    ),
    example={
        "id": "DATA-10G.price",
        "href": "https://hall.example.com/tmf-api/productCatalogManagement/v4/productOfferingPrice/DATA-10G.price",
        "name": "10GB流量包",
        "lifecycleStatus": "Launched",
        "lastUpdate": "2026-03-26T00:32:00Z",
        "version": "1",
        "isBundle": False,
        "priceType": RECURRING,
        "price": {"unit": "CNY", "value": 15},
        "recurringChargePeriodType": "month",
        "recurringChargePeriodLength": 1,
        "@type": "ProductOfferingPrice",
    },
)
