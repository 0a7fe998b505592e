"""Reads the query string of a list after TMF630 and applies it in the database.

`fields=a,b` · `attr=value` (ANDed; comma or repetition is OR; dotted paths) · `attr.gt .gte .lt .lte .regex` ·
`sort=-a,b` · `offset`, `limit`. Whatever the resource does not declare is refused by name, never ignored.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DataError, OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from kernel.rest.errors import ParameterInvalid
from kernel.rest.kept_statements import read_rows
from kernel.rest.resource import Caller, Column, Match, Resource

Row = TypeVar("Row")

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000
MAX_OFFSET = 10_000_000
MAX_VALUES = 100
MAX_VALUE_LENGTH = 200
MAX_PATTERN_LENGTH = 100
# Some patterns take for ever on some texts; a list that is asked for by one gets this long.
PATTERN_SECONDS = 2
_DIRECTIVES = frozenset({"fields", "sort", "offset", "limit"})
# Always in an answer, whatever `fields` picks.
_KEPT = frozenset({"id", "href"})


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What one request asks of a list.

    :ivar conditions: all must hold; None: nothing can match.
    :ivar pattern: name of a parameter that is a regular expression, empty if none is.
    :ivar limit_given: whether the caller asked for a limit: only then is a part answered as a part (206).
    """

    fields: frozenset[str] | None
    conditions: Q | None
    order: tuple[str, ...]
    offset: int
    limit: int
    limit_given: bool
    pattern: str = ""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of what matches, and how many match in all."""

    rows: Sequence[Row]
    total: int


def read_selection(resource: Resource[Any], parameters: QueryDict) -> Selection:
    """Read the query string of a list.

    :raises ParameterInvalid: names the first parameter that is not known or cannot be read.
    """
    conditions: Q | None = Q()
    for name in parameters:
        if name not in _DIRECTIVES:
            condition = _condition(resource, name, parameters)
            conditions = None if conditions is None or condition is None else conditions & condition
    return Selection(
        fields=read_fields(resource, parameters),
        conditions=conditions,
        order=_order(resource, parameters),
        offset=_bounded(parameters, "offset", 0, minimum=0, maximum=MAX_OFFSET),
        limit=_bounded(parameters, "limit", DEFAULT_LIMIT, minimum=1, maximum=MAX_LIMIT),
        limit_given="limit" in parameters,
        pattern=next((name for name in parameters if name.endswith(".regex")), ""),
    )


def read_fields(resource: Resource[Any], parameters: QueryDict) -> frozenset[str] | None:
    """Return the first-level attributes picked by `fields`, None for all of them.

    :raises ParameterInvalid: an attribute is not known.
    """
    if "fields" not in parameters:
        return None
    names = _values(parameters, "fields")
    known = {"id", "href", "@type", *resource.by_name}
    for name in names:
        if name not in known:
            raise ParameterInvalid(field="fields", cure=_("“%(name)s” is not an attribute.") % {"name": name})
    return frozenset(names) | _KEPT


def refuse_parameters(parameters: QueryDict, *, except_for: frozenset[str] = frozenset()) -> None:
    """Refuse any query parameter but the given ones.

    :raises ParameterInvalid: names the first other one.
    """
    for name in parameters:
        if name not in except_for:
            raise _unknown(name)


def read_page(resource: Resource[Row], selection: Selection, caller: Caller) -> Page[Row]:
    """Return the selected page; everything but the completion of its rows is done by the database.

    :raises ParameterInvalid: a pattern is none, or takes longer than `PATTERN_SECONDS`.
    """
    if selection.conditions is None:
        return Page([], 0)
    if not selection.pattern:
        return _read_page(resource, selection, caller)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{PATTERN_SECONDS}s"])
            return _read_page(resource, selection, caller)
    except (DataError, OperationalError) as error:
        match getattr(error.__cause__, "pgcode", ""):
            case "57014":  # query_canceled
                raise ParameterInvalid(field=selection.pattern, cure=_("Its search takes too long.")) from None
            case "2201B":  # invalid_regular_expression
                raise ParameterInvalid(field=selection.pattern, cure=_("It is not a regular expression.")) from None
        raise


def _read_page(resource: Resource[Row], selection: Selection, caller: Caller) -> Page[Row]:
    assert selection.conditions is not None
    part = _read_rows(resource, caller, selection.conditions, selection.order, selection.offset, selection.limit)
    # A page that ends before its limit tells the total by itself.
    if len(part) < selection.limit and (part or selection.offset == 0):
        total = selection.offset + len(part)
    else:
        total = sum(rows.filter(selection.conditions).count() for rows in resource.rows(caller))
    return Page(resource.complete(part, caller) if part else [], total)


def find_row(resource: Resource[Row], public_id: str, caller: Caller) -> Row | None:
    """Return the one row of that id among those that the caller may see."""
    condition = resource.find([public_id])
    if condition is None:
        return None
    found = _read_rows(resource, caller, condition, tuple(resource.order), 0, 1)
    return resource.complete(found, caller)[0] if found else None


def _read_rows(
    resource: Resource[Any], caller: Caller, conditions: Q, order: Sequence[str], offset: int, limit: int
) -> list[Any]:
    """Return one page of the united rows. Each branch is cut too, so that none is sorted to its end."""

    def compose(caller: Caller, conditions: Q) -> QuerySet[Any, Any]:
        end = offset + limit
        ordered = [rows.filter(conditions).order_by(*order) for rows in resource.rows(caller)]
        if len(ordered) == 1:
            return ordered[0][offset:end]
        first, *others = (rows[:end] for rows in ordered)
        return first.union(*others, all=True).order_by(*order)[offset:end]

    name = (resource.path, tuple(order), offset, limit)
    return read_rows(name=name, caller=caller, conditions=conditions, compose=compose)


def _condition(resource: Resource[Any], name: str, parameters: QueryDict) -> Q | None:
    how, operator = _filter_of(resource.filters, name)
    values = _values(parameters, name)
    try:
        if not isinstance(how, Column):
            return how(values)
        if operator == "regex":
            return _any(Q(**{f"{how.name}__regex": _pattern(value)}) for value in values)
        parsed = [how.shape.read_text(value, name) for value in values]
    except DomainError as error:
        raise ParameterInvalid(field=name, cure=error.cure) from None
    if operator:
        return _any(Q(**{f"{how.name}__{operator}": value}) for value in parsed)
    return Q(**{f"{how.name}__in": parsed})


def _filter_of(filters: Mapping[str, Column | Match], name: str) -> tuple[Column | Match, str]:
    if name in filters:
        return filters[name], ""
    path, _dot, operator = name.rpartition(".")
    how = filters.get(path)
    if isinstance(how, Column) and operator in how.operators:
        return how, operator
    raise _unknown(name)


def _unknown(name: str) -> ParameterInvalid:
    return ParameterInvalid(field=name[:80], cure=_("It cannot be asked for here."))


def _any(conditions: Any) -> Q:
    united = Q()
    for condition in conditions:
        united |= condition
    return united


def _pattern(text: str) -> str:
    """Return a pattern for the database, which judges it; back references would let it search for ever."""
    if re.search(r"\\[1-9]", text):
        raise ParameterInvalid(cure=_("Back references are not taken."))
    if len(text) > MAX_PATTERN_LENGTH:
        raise ParameterInvalid(cure=_("It is too long."))
    return text


def _values(parameters: QueryDict, name: str) -> list[str]:
    values = [value for text in parameters.getlist(name) for value in text.split(",")]
    if not all(values):
        raise ParameterInvalid(field=name, cure=_("It must not be empty."))
    if len(values) > MAX_VALUES or max(map(len, values)) > MAX_VALUE_LENGTH or any("\0" in value for value in values):
        raise ParameterInvalid(field=name, cure=_("It is too long."))
    return values


def _order(resource: Resource[Any], parameters: QueryDict) -> tuple[str, ...]:
    columns = []
    for text in _values(parameters, "sort") if "sort" in parameters else []:
        name = text.removeprefix("-")
        attribute = resource.by_name.get(name)
        if attribute is None or not attribute.sort:
            raise ParameterInvalid(field="sort", cure=_("“%(name)s” cannot be sorted by.") % {"name": name})
        columns.append(f"-{attribute.sort}" if text.startswith("-") else attribute.sort)
    return (*columns, *resource.order)


def _bounded(parameters: QueryDict, name: str, default: int, *, minimum: int, maximum: int) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not minimum <= int(text) <= maximum:
        raise ParameterInvalid(
            field=name,
            cure=_("It must be a whole number from %(minimum)s to %(maximum)s.")
            % {"minimum": minimum, "maximum": maximum},
        )
    return int(text)
