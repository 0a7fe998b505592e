"""Keeps the SQL of reads: to compose a statement through the ORM takes ten times as long as to have it answered.

A statement is composed twice with stand-ins in the place of every value that a request brings: filters, the caller,
what it may see, and the time. It is kept only if both came out alike and every stand-in stands in it as it was given.
Whatever the ORM or a resource made of a value, instead of passing it on, is composed anew for each request. What shapes
a statement otherwise (names, numbers of values, language, kind of sight) is part of the key under which it is kept.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from kernel.rest.resource import Caller

# Of one connection; pages far into a list have statements of their own.
MOST_KEPT = 500
Compose = Callable[[Caller, Q], QuerySet[Any, Any]]


class _NotKept(Exception):
    """The statement has to be composed for each request."""


class _StandIn:
    """Stands in a statement for the value at `place` among those that a request brings."""

    place: int


class _Uuid(_StandIn, uuid.UUID):
    pass


class _Instant(_StandIn, datetime):
    pass


class _Day(_StandIn, date):
    pass


class _Text(_StandIn, str):
    __slots__ = ("__dict__",)


_KINDS = (uuid.UUID, datetime, date, str)


@dataclass(frozen=True)
class _Kept:
    """A composed statement; `params` are its own values, and places of those that a request brings."""

    rows: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    params: Sequence[Any]


def read_rows(*, name: tuple[Any, ...], caller: Caller, conditions: Q, compose: Compose) -> list[Any]:
    """Return the rows of a statement.

    :param name: what shapes the statement beside caller and conditions.
    :param compose: makes the statement; it may look at the caller's language and kind of sight, and passes on the rest.
    """
    values: list[Any] = []
    try:
        key = (
            name,
            caller.language,
            caller.sight.kind,
            _outline(_values_of(caller), values),
            _outline(conditions, values),
        )
    except _NotKept:
        return list(compose(caller, conditions))
    statements = list_kept()
    if key not in statements:
        if len(statements) >= MOST_KEPT:
            statements.clear()
        statements[key] = _compose_twice(compose, caller, conditions, values)
    kept = statements[key]
    return list(compose(caller, conditions)) if kept is None else _run(kept, values)


def list_kept() -> dict[Any, _Kept | None]:
    """Return what is kept of this thread's connection, in whose hands every statement stays."""
    kept: dict[Any, _Kept | None] = vars(connections[DEFAULT_DB_ALIAS]).setdefault("kept_statements", {})
    return kept


def _run(kept: _Kept, values: Sequence[Any]) -> list[Any]:
    params = tuple(values[param.place] if isinstance(param, _StandIn) else param for param in kept.params)
    # What is kept stays as it is: nothing of one request is left in it for another.
    compiler, rows = copy(kept.compiler), kept.rows.all()
    compiler.as_sql = lambda *_args, **_options: (kept.sql, params)  # type: ignore[method-assign]
    rows.query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
    return list(rows)


def _compose_twice(compose: Compose, caller: Caller, conditions: Q, values: Sequence[Any]) -> _Kept | None:
    try:
        one, other = (_compose_once(compose, caller, conditions, _stand_ins(values, number)) for number in (1, 2))
    except (EmptyResultSet, ValidationError, ValueError, TypeError, AttributeError):
        return None
    alike = one.sql == other.sql and len(one.params) == len(other.params)
    return one if alike and all(map(_alike, one.params, other.params)) else None


def _compose_once(compose: Compose, caller: Caller, conditions: Q, stand_ins: Iterator[Any]) -> _Kept:
    client_id, now, of_client, account_id, provinces = _filled(_values_of(caller), stand_ins)
    sight = replace(caller.sight, client_id=of_client, account_id=account_id, provinces=provinces)
    rows = compose(replace(caller, client_id=client_id, now=now, sight=sight), _filled(conditions, stand_ins))
    compiler = rows.query.get_compiler(rows.db)
    sql, params = compiler.as_sql()
    return _Kept(rows, compiler, sql, params)


def _alike(param: Any, other: Any) -> bool:
    if isinstance(param, _StandIn) and isinstance(other, _StandIn):
        return param.place == other.place
    return type(param) is type(other) and bool(param == other)


def _values_of(caller: Caller) -> tuple[Any, ...]:
    sight = caller.sight
    return caller.client_id, caller.now, sight.client_id, sight.account_id, tuple(sight.provinces)


def _outline(value: Any, values: list[Any]) -> Any:
    """Return what shapes the statement, and collect what does not.

    :raises _NotKept: there is something else in it than values.
    """
    if isinstance(value, Q):
        return (value.connector, value.negated, tuple(_outline_of_child(child, values) for child in value.children))
    if isinstance(value, list | tuple):
        return (type(value), tuple(_outline(item, values) for item in value))
    if type(value) in _KINDS:
        values.append(value)
        return type(value)
    if value is None or isinstance(value, int | Decimal):
        return (type(value), value)
    raise _NotKept


def _outline_of_child(child: Any, values: list[Any]) -> Any:
    if isinstance(child, tuple):
        name, value = child
        return (name, _outline(value, values))
    return _outline(child, values)


def _filled(value: Any, stand_ins: Iterator[Any]) -> Any:
    """Return the same with stand-ins for what `_outline` collects."""
    if isinstance(value, Q):
        filled = Q(_connector=value.connector, _negated=value.negated)
        filled.children = [
            (child[0], _filled(child[1], stand_ins)) if isinstance(child, tuple) else _filled(child, stand_ins)
            for child in value.children
        ]
        return filled
    if isinstance(value, list | tuple):
        return type(value)(_filled(item, stand_ins) for item in value)
    return next(stand_ins) if type(value) in _KINDS else value


def _stand_ins(values: Iterable[Any], number: int) -> Iterator[Any]:
    """Yield a stand-in for each value: unlike all others of this and of the other time, years apart."""
    for place, value in enumerate(values):
        distinct = number * 10_000 + place
        stand_in: Any
        match _KINDS.index(type(value)):
            case 0:
                stand_in = _Uuid(int=distinct)
            case 1:
                stand_in = _Instant.fromtimestamp(distinct * 86_400, UTC)
            case 2:
                stand_in = _Day.fromordinal(distinct + 1)
            case _:
                stand_in = _Text(f"stand-in {distinct}")
        object.__setattr__(stand_in, "place", place)
        yield stand_in
