"""TMF620 productSpecification: what an offering includes."""

from typing import Any

from kernel.rest.resource import Attribute, Caller, Change, Creation, Removal, Resource
from kernel.rest.selection import find_row
from kernel.rest.shapes import ListOf, Structure, Text
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
from packages_app.models import PartKind
from packages_app.operations.catalogue_parts import IN_DESIGN, change_offering, change_part, make_part, remove_part
from packages_app.queries.catalogue_entries import CatalogueEntry, list_specification_rows
from packages_app.sheets.notation import allowances_text

_VALUE = Structure("CharacteristicValueSpecification", {"value": Text(), "valueType": Text()}, required=("value",))
_CHARACTERISTIC = Structure(
    "ProductSpecificationCharacteristic",
    {"name": Text(max_length=40), "valueType": Text(), "productSpecCharacteristicValue": ListOf(_VALUE, max_length=1)},
    required=("name", "productSpecCharacteristicValue"),
    description="An allowance of each cycle: name DATA, VOICE or SMS; value 20GB, 300min, 50, or 10GB APP video.",
)
_CHARACTERISTICS = "productSpecCharacteristic"


def _lines_of(values: dict[str, Any]) -> list[str]:
    return [
        f"{one['name']} {one['productSpecCharacteristicValue'][0]['value']}"
        for one in values.get(_CHARACTERISTICS) or ()
        if one["productSpecCharacteristicValue"]
    ]


def _characteristics(entry: CatalogueEntry) -> list[dict[str, Any]]:
    if entry.part is not None:
        lines = entry.part.content.get("characteristics", [])
    else:
        lines = allowances_text(entry.offering.allowances.all()).splitlines() if entry.offering else []
    split = [line.partition(" ") for line in lines]
    return [
        {
            "name": name,
            "valueType": "string",
            "productSpecCharacteristicValue": [{"value": value, "valueType": "string"}],
        }
        for name, _space, value in split
    ]


def _find(code: str, caller: Caller) -> CatalogueEntry:
    found = find_row(PRODUCT_SPECIFICATION, code, caller)
    assert found is not None  # it was kept this moment
    return found


def _create(values: dict[str, Any], caller: Caller, _key: str) -> CatalogueEntry:
    refuse_bundle(values)
    part = make_part(
        kind=PartKind.SPECIFICATION,
        name=values["name"],
        description=values.get("description", ""),
        status=values.get("lifecycleStatus", IN_DESIGN),
        content={"characteristics": _lines_of(values)},
        author=author_of(caller),
        now=caller.now,
    )
    return _find(part.code, caller)


def _change(entry: CatalogueEntry, changes: dict[str, Any], caller: Caller) -> CatalogueEntry:
    refuse_bundle(changes)
    lines = {"characteristics": _lines_of(changes)} if _CHARACTERISTICS in changes else {}
    if entry.part is None:
        require_only(changes, _CHARACTERISTICS)
        if lines:
            fields = {"allowances": lines["characteristics"]}
            change_offering(code=entry.entity_id, fields=fields, author=author_of(caller), now=caller.now)
    else:
        change_part(
            code=entry.entity_id, changes=columns_of(changes), content=lines, author=author_of(caller), now=caller.now
        )
    return _find(entry.entity_id, caller)


def _remove(entry: CatalogueEntry, _caller: Caller) -> None:
    if entry.part is None:
        raise PublishedTogether
    remove_part(code=entry.entity_id)


_EXAMPLE_CHARACTERISTIC = {"name": "DATA", "productSpecCharacteristicValue": [{"value": "10GB"}]}

PRODUCT_SPECIFICATION: Resource[CatalogueEntry] = Resource(
    api=API,
    name="productSpecification",
    type_name="ProductSpecification",
    summary="What each offering includes, under the offering's id; and specifications that none uses yet.",
    rows=lambda caller: list_specification_rows(language=caller.language, now=caller.now),
    complete=complete,
    public_id=lambda entry: entry.entity_id,
    find=by_entity_id,
    order=("entity_id",),
    attributes=(
        *SHARED_ATTRIBUTES,
        Attribute(name=_CHARACTERISTICS, shape=ListOf(_CHARACTERISTIC), read=_characteristics, always=True),
    ),
    creation=Creation(
        body=Structure(
            "ProductSpecification_Create",
            {**SHARED_BODY, _CHARACTERISTICS: ListOf(_CHARACTERISTIC, max_length=20), "brand": Text()},
            required=("name",),
            description="brand, lastUpdate, validFor and version are taken and not kept.",
        ),
        create=_create,
        summary="Keeps a specification for offerings in design.",
        example={"name": "10 GB", _CHARACTERISTICS: [_EXAMPLE_CHARACTERISTIC]},
    ),
    change=Change(
        body=Structure(
            "ProductSpecification_Update",
            {**SHARED_BODY, _CHARACTERISTICS: ListOf(_CHARACTERISTIC, max_length=20), "brand": Text()},
        ),
        change=_change,
        clearable=("description",),
        summary="Of an offering in the catalogue only what it includes: for new orders; what was sold stays as it is.",
        example={_CHARACTERISTICS: [_EXAMPLE_CHARACTERISTIC]},
    ),
    removal=Removal(
        remove=_remove,
        summary="Takes a specification away that no offering uses; that of an offering in the catalogue stays: 409.",
    ),
    example={
        "id": "DATA-10G",
        "href": "https://hall.example.com/tmf-api/productCatalogManagement/v4/productSpecification/DATA-10G",
        "name": "10GB流量包",
        "lifecycleStatus": "Launched",
        "lastUpdate": "2026-03-26T00:32:00Z",
        "version": "1",
        "isBundle": False,
        _CHARACTERISTICS: [
            {
                "name": "DATA",
                "valueType": "string",
                "productSpecCharacteristicValue": [{"value": "10GB", "valueType": "string"}],
            }
        ],
        "@type": "ProductSpecification",
    },
)
