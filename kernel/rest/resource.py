"""What a resource is, declared once: its attributes, where they come from, what may be filtered, sorted and created."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q, QuerySet

from kernel.ids import PublicId
from kernel.rest.shapes import Shape, Structure, Text
from kernel.rest.structures import reference
from kernel.sight import Sight

Row = TypeVar("Row")
# Values of one filter (any of them may match) → condition, or None when nothing can match.
Match = Callable[[Sequence[str]], Q | None]
PLAIN_TEXT = Text()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, which accounts it may see, in which language ("zh-hans" or "en"), and when.

    :ivar client_name: how customers are told who it is.
    """

    client_id: str
    sight: Sight
    language: str
    now: datetime
    client_name: str = ""


@dataclass(frozen=True)
class Column:
    """A filter on a column of the rows.

    :ivar shape: kind of its values; one that has an order also takes `.gt .gte .lt .lte`, plain text `.regex`.
    """

    name: str
    shape: Shape = PLAIN_TEXT

    @property
    def operators(self) -> tuple[str, ...]:
        if self.shape.comparable:
            return ("gt", "gte", "lt", "lte")
        return ("regex",) if isinstance(self.shape, Text) else ()


@dataclass(frozen=True, kw_only=True)
class Attribute(Generic[Row]):
    """One first-level attribute.

    :ivar read: value for the answer: JSON values, `Decimal`, instants or lazy texts; None leaves the attribute out.
    :ivar always: whether it is in every answer.
    :ivar filters: what may be filtered, by the path below this attribute ("" is the attribute itself).
    :ivar sort: column to sort by; empty when it cannot be sorted.
    """

    name: str
    shape: Shape
    read: Callable[[Row], Any]
    always: bool = False
    filters: Mapping[str, Column | Match] | None = None
    sort: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Creation(Generic[Row]):
    """How a resource is made by POST.

    :ivar body: what may be sent; `body.result` may turn it into what `create` takes.
    :ivar create: carries it out and returns the row to answer with. Runs in the transaction that also keeps the answer
        for repeats with the same Idempotency-Key, which it is given.
    """

    body: Structure
    create: Callable[[Any, Caller, str], Row]
    summary: str
    example: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Change(Generic[Row]):
    """How a resource is changed by PATCH.

    :ivar body: what may be changed; attributes of the resource that are not in it are refused by name.
    :ivar change: carries it out and returns the row to answer with; is given the row as the caller sees it, what was
        sent (None takes an attribute away), and the caller. Runs in one transaction.
    :ivar clearable: attributes that may be taken away by null.
    """

    body: Structure
    change: Callable[[Row, dict[str, Any], Caller], Row]
    summary: str
    example: Mapping[str, Any]
    clearable: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Removal(Generic[Row]):
    """How a resource is taken away by DELETE: `remove` is given the row as the caller sees it."""

    remove: Callable[[Row, Caller], None]
    summary: str


@dataclass(frozen=True)
class Api:
    """One TM Forum API.

    :ivar base_path: where it hangs, such as "/tmf-api/prepayBalanceManagement/v4".
    :ivar scope: which scopes it asks for: `<scope>:read` and `<scope>:write`.
    :ivar name: name space of its addresses (`reverse("prepay-balance:bucket")`), by which uses are counted.
    :ivar access: which of the two scopes there are.
    """

    title: str
    base_path: str
    scope: str
    name: str
    access: tuple[str, ...] = ("read", "write")


@dataclass(frozen=True, kw_only=True)
class Resource(Generic[Row]):
    """One resource of an API.

    :ivar name: path segment, such as "bucket"; `type_name` its TMF type, such as "Bucket".
    :ivar rows: the rows that a caller may see: one queryset, or several of `values()` with the same columns, which are
        united. There is no other way to a row, so somebody else's does not exist.
    :ivar complete: turns the rows of one page into what the attributes read from, in a fixed number of queries.
    :ivar public_id: id of a completed row as the caller sees it; `find` is its reverse.
    :ivar order: columns that make the order total.
    :ivar operation_name: what operations are called by in the OpenAPI document, where several APIs have the type.
    """

    api: Api
    name: str
    type_name: str
    summary: str
    attributes: Sequence[Attribute[Row]]
    rows: Callable[[Caller], Sequence[QuerySet[Any, Any]]]
    complete: Callable[[Sequence[Any], Caller], Sequence[Row]]
    public_id: Callable[[Row], str]
    find: Match
    order: Sequence[str]
    example: Mapping[str, Any]
    creation: Creation[Row] | None = None
    change: Change[Row] | None = None
    removal: Removal[Row] | None = None
    operation_name: str = ""

    @property
    def path(self) -> str:
        """Path of the collection, without a slash at the end."""
        return f"{self.api.base_path}/{self.name}"

    def href(self, public_id: str) -> str:
        """Return the address of one entity."""
        return f"{settings.PUBLIC_URL}{self.path}/{public_id}"

    def reference(self, public_id: str, **more: str) -> dict[str, str]:
        """Return a reference to one entity, as other resources carry it."""
        return reference(public_id, self.type_name, href=self.href(public_id), **more)

    @property
    def required_creation(self) -> Creation[Row]:
        """How it is made, where a POST is only routed to what can be made."""
        if self.creation is None:
            raise ImproperlyConfigured(f"{self.name} cannot be created")
        return self.creation

    @property
    def required_change(self) -> Change[Row]:
        """How it is changed, where a PATCH is only routed to what can be changed."""
        if self.change is None:
            raise ImproperlyConfigured(f"{self.name} cannot be changed")
        return self.change

    @property
    def required_removal(self) -> Removal[Row]:
        """How it is taken away, where a DELETE is only routed to what can be."""
        if self.removal is None:
            raise ImproperlyConfigured(f"{self.name} cannot be taken away")
        return self.removal

    @cached_property
    def by_name(self) -> Mapping[str, Attribute[Row]]:
        return {attribute.name: attribute for attribute in self.attributes}

    @cached_property
    def filters(self) -> Mapping[str, Column | Match]:
        """Every attribute path that may be filtered, and how."""
        found: dict[str, Column | Match] = {"id": self.find, "href": self._find_by_href, "@type": self._is_type}
        for attribute in self.attributes:
            for below, how in (attribute.filters or {}).items():
                found[f"{attribute.name}.{below}" if below else attribute.name] = how
        return found

    def _find_by_href(self, texts: Sequence[str]) -> Q | None:
        there = f"{settings.PUBLIC_URL}{self.path}/"
        ids = [text.removeprefix(there) for text in texts if text.startswith(there)]
        return self.find(ids) if ids else None

    def _is_type(self, texts: Sequence[str]) -> Q | None:
        return Q() if self.type_name in texts else None


def by_public_id(column: str) -> Match:
    """Return the filter of an id that names account and row (`kernel.ids.PublicId`).

    :param column: column of the row's own id beside "account_id".
    """

    def find(texts: Sequence[str]) -> Q | None:
        wanted = None
        for text in texts:
            public_id = _public_id(text)
            if public_id is not None:
                condition = Q(account_id=public_id.account_id, **{column: public_id.row_id})
                wanted = condition if wanted is None else wanted | condition
        return wanted

    return find


def by_uuid(column: str) -> Match:
    """Return the filter of an id that is a plain UUID in one column."""

    def find(texts: Sequence[str]) -> Q | None:
        ids = [found for found in map(_uuid, texts) if found is not None]
        return Q(**{f"{column}__in": ids}) if ids else None

    return find


def _public_id(text: str) -> PublicId | None:
    try:
        return PublicId.parse(text)
    except ValueError:
        return None


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
