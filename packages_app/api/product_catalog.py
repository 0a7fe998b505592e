"""TMF620 Product Catalog v4: what its resources share."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.errors import DomainError
from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Api, Attribute, Caller, Column
from kernel.rest.shapes import Flag, Instant, Shape, Text
from kernel.rest.structures import TIME_PERIOD
from packages_app.operations.catalogue_parts import IN_DESIGN
from packages_app.queries.catalogue_entries import ACTIVE, LAUNCHED, RETIRED, CatalogueEntry, complete_entries

API = Api(
    title="Product catalogue",
    base_path="/tmf-api/productCatalogManagement/v4",
    scope="catalog",
    name="product-catalogue",
)

LIFECYCLE = Text(choices=("In study", IN_DESIGN, "In test", "Rejected", ACTIVE, LAUNCHED, RETIRED, "Obsolete"))
NAME = Text(max_length=60)
DESCRIPTION = Text(max_length=200)
# Taken in every body and not kept: they follow, or there is but one value.
FOLLOWING: Mapping[str, Shape] = {"isBundle": Flag(), "lastUpdate": Instant(), "version": Text()}
# What a part keeps in columns of its own.
_COLUMNS = {"name": "name", "description": "description", "lifecycleStatus": "lifecycle_status"}


class PublishedTogether(DomainError):
    """What is in the catalogue has its parts for itself."""

    code = "CATALOGUE_PUBLISHED_TOGETHER"
    message = gettext_lazy("This is part of an offering in the catalogue and goes with it.")
    cure = gettext_lazy("Change the offering, or put another together.")
    http_status = 409


def author_of(caller: Caller) -> str:
    """Return how the catalogue's history names a caller."""
    return f"{caller.client_name} ({caller.client_id})"[:150]


def by_entity_id(texts: Sequence[str]) -> Q:
    """Return the condition that a row of a list has one of these ids."""
    return Q(entity_id__in=list(texts))


def complete(rows: Sequence[Any], caller: Caller) -> list[CatalogueEntry]:
    """Complete one page of a list."""
    return complete_entries(rows, language=caller.language)


def refuse_bundle(values: Mapping[str, Any]) -> None:
    """Refuse what says that it is a bundle: the catalogue has none.

    :raises AttributeInvalid: it does.
    """
    if values.get("isBundle"):
        raise AttributeInvalid(field="isBundle", cure=_("There are no bundles in this catalogue."))


def columns_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a body stands in columns of a part."""
    return {column: values[name] or "" for name, column in _COLUMNS.items() if name in values}


def require_only(changes: Mapping[str, Any], *allowed: str) -> None:
    """Refuse a change of what goes with its offering.

    :raises PublishedTogether: something else than `allowed` would change.
    """
    for name in changes:
        if name not in allowed and name not in FOLLOWING:
            raise PublishedTogether(field=name)


def _description(entry: CatalogueEntry) -> str | None:
    if entry.part is not None:
        return entry.part.description or None
    return (entry.offering and entry.offering.summary_in(entry.language)) or None


def _version(entry: CatalogueEntry) -> str:
    return "0" if entry.offering is None else str(entry.offering.version)


SHARED_ATTRIBUTES: tuple[Attribute[CatalogueEntry], ...] = (
    Attribute(
        name="name",
        shape=NAME,
        read=lambda entry: entry.title,
        always=True,
        filters={"": Column("title")},
        sort="title",
    ),
    Attribute(name="description", shape=DESCRIPTION, read=_description),
    Attribute(
        name="lifecycleStatus",
        shape=LIFECYCLE,
        read=lambda entry: entry.status,
        always=True,
        filters={"": Column("status")},
        sort="status",
        description="In the catalogue: Active before its sale, Launched while it is on sale, Retired afterwards.",
    ),
    Attribute(
        name="lastUpdate",
        shape=Instant(),
        read=lambda entry: entry.changed_at,
        always=True,
        filters={"": Column("changed_at", Instant())},
        sort="changed_at",
        description="In the catalogue: when what binds a customer changed last.",
    ),
    Attribute(
        name="version",
        shape=Text(),
        read=_version,
        always=True,
        description="Counts changes of what binds a customer; 0 before it is in the catalogue.",
    ),
    Attribute(name="isBundle", shape=Flag(), read=lambda _entry: False, always=True),
)
SHARED_BODY: Mapping[str, Shape] = {
    "name": NAME,
    "description": DESCRIPTION,
    "lifecycleStatus": LIFECYCLE,
    "validFor": TIME_PERIOD,
    **FOLLOWING,
}
