"""A file of shops and hotspots: CSV with a heading, one row each."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from care.models import Site, SiteKind, SiteState
from kernel.csv_export import csv_lines
from kernel.csv_import import CsvRow, read_rows

COLUMNS = (
    *("code", "kind", "state", "name_zh", "name_en", "description", "province", "city", "district", "address"),
    *("longitude", "latitude", "weekday_hours", "weekend_hours"),
)
MOST_ROWS = 5_000
_DEGREES = ("longitude", "latitude")
# What a column means that is left out or empty, in a row of a new site.
_BLANK = {"kind": SiteKind.OUTLET.value, "state": SiteState.ACTIVE.value}
_UPPER = ("kind", "state", "province")
_SIX_DECIMALS = Decimal("0.000001")


def write_file(sites: Iterable[Site]) -> Iterator[bytes]:
    """Yield the file of these sites line by line; no cell of it becomes a formula."""
    return csv_lines(columns=COLUMNS, rows=([texts_of(site)[column] for column in COLUMNS] for site in sites))


def read_file(content: bytes) -> list[CsvRow]:
    """Read the rows of a file.

    :raises FileInvalid: it is no CSV, too large, or its heading is not ours.
    """
    return read_rows(content, columns=COLUMNS, key="code", most_rows=MOST_ROWS)


def texts_of(site: Site) -> dict[str, str]:
    """Return all of a site as texts by column."""
    return {column: _text(getattr(site, column)) for column in COLUMNS}


def facts_of(texts: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return what texts mean for the columns of a site, and the columns that cannot be read."""
    facts: dict[str, Any] = {}
    unreadable = []
    for column in COLUMNS:
        text = texts.get(column, "") or _BLANK.get(column, "")
        facts[column] = text.upper() if column in _UPPER else text
    for column in _DEGREES:
        try:
            facts[column] = _degrees(facts[column])
        except (InvalidOperation, ValueError):
            facts[column] = None
            unreadable.append(column)
    for column, known in (("kind", SiteKind.values), ("state", SiteState.values)):
        if facts[column] not in known:
            unreadable.append(column)
    unreadable += [
        column for column in COLUMNS if isinstance(facts[column], str) and len(facts[column]) > _longest(column)
    ]
    return facts, unreadable


def _longest(column: str) -> int:
    field: Any = Site._meta.get_field(column)
    return int(field.max_length)


def _degrees(text: str) -> Decimal | None:
    if not text:
        return None
    degrees = Decimal(text)
    if not degrees.is_finite() or abs(degrees) > 180 or degrees != degrees.quantize(_SIX_DECIMALS):
        raise ValueError(text)
    return degrees


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)
