"""The kinds of values that resources and request bodies are made of.

Each kind says once how it is described in the OpenAPI document, read from a JSON body, and read from a query string.
"""

import contextlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from decimal import Decimal
from typing import Any, NoReturn

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from kernel.money import AmountInvalid, parse_yuan
from kernel.rest.errors import AttributeInvalid

Schema = dict[str, Any]
# Gives the schema to use for a named structure, keeping the structure itself among the document's components.
Register = Callable[["Structure"], Schema]

# RFC 3339 with its zone: an instant without one means different things to different readers.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
_MOST_DIGITS = 15
# What TMF630 lets stand in every object; where a structure does not name them they are taken and mean nothing.
_ABOUT_TYPES = frozenset({"@type", "@baseType", "@schemaLocation", "@referredType"})


class Shape(ABC):
    """One kind of JSON value."""

    comparable = False

    @abstractmethod
    def schema(self, register: Register) -> Schema:
        """Return the OpenAPI schema; named structures go through `register`."""

    @abstractmethod
    def read(self, value: Any, path: str) -> Any:
        """Return the Python value of a JSON value.

        :param path: where it stands in the body, such as "amount.units"; named in the refusal.
        :raises AttributeInvalid: it is not of this kind.
        """

    def read_text(self, text: str, path: str) -> Any:
        """Return the Python value of a query string's text.

        :raises AttributeInvalid: it cannot be read.
        """
        return self.read(text, path)


def _refuse(path: str, cure: str) -> NoReturn:
    raise AttributeInvalid(field=path, cure=cure)


@dataclass(frozen=True)
class Text(Shape):
    """A string, one of `choices` when there are any."""

    choices: tuple[str, ...] = ()
    max_length: int = 200
    format: str = ""

    def schema(self, register: Register) -> Schema:
        schema: Schema = {"type": "string"}
        if self.choices:
            schema["enum"] = list(self.choices)
        if self.format:
            schema["format"] = self.format
        return schema

    def read(self, value: Any, path: str) -> str:
        # JSON can spell NUL and half a surrogate pair; no database column holds them.
        if not isinstance(value, str) or "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            _refuse(path, _("It must be text."))
        if self.choices and value not in self.choices:
            _refuse(path, _("It must be one of: %(choices)s.") % {"choices": ", ".join(self.choices)})
        if len(value) > self.max_length:
            _refuse(path, _("It must not be longer than %(count)s characters.") % {"count": self.max_length})
        return value


@dataclass(frozen=True)
class Flag(Shape):
    """true or false."""

    def schema(self, register: Register) -> Schema:
        return {"type": "boolean"}

    def read(self, value: Any, path: str) -> bool:
        if not isinstance(value, bool):
            _refuse(path, _("It must be true or false."))
        return value

    def read_text(self, text: str, path: str) -> bool:
        return self.read({"true": True, "false": False}.get(text), path)


@dataclass(frozen=True)
class Number(Shape):
    """A JSON number of up to 15 significant digits, read exactly."""

    comparable = True

    def schema(self, register: Register) -> Schema:
        return {"type": "number"}

    def read(self, value: Any, path: str) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            _refuse(path, _("It must be a number."))
        number = Decimal(value)
        if len(number.as_tuple().digits) > _MOST_DIGITS or abs(number.adjusted()) > _MOST_DIGITS:
            _refuse(path, _("It must be a number of at most %(count)s digits.") % {"count": _MOST_DIGITS})
        return number

    def read_text(self, text: str, path: str) -> Decimal:
        if not re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII):
            _refuse(path, _("It must be a number."))
        return self.read(Decimal(text), path)


@dataclass(frozen=True)
class Whole(Shape):
    """A whole number of up to 15 digits."""

    comparable = True

    def schema(self, register: Register) -> Schema:
        return {"type": "integer"}

    def read(self, value: Any, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**_MOST_DIGITS:
            _refuse(path, _("It must be a whole number of at most %(count)s digits.") % {"count": _MOST_DIGITS})
        return value

    def read_text(self, text: str, path: str) -> int:
        return self.read(int(text) if re.fullmatch(r"-?\d{1,15}", text, re.ASCII) else None, path)


@dataclass(frozen=True)
class Yuan(Shape):
    """An amount of yuan as a JSON number with at most two decimals; read as fen."""

    comparable = True

    def schema(self, register: Register) -> Schema:
        return {"type": "number", "description": "yuan, at most two decimals"}

    def read(self, value: Any, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise AmountInvalid(field=path)
        # Plain digits only below this bound: 1e999999 must not become a million of them.
        if isinstance(value, Decimal) and abs(value.adjusted()) > _MOST_DIGITS:
            raise AmountInvalid(field=path)
        return self.read_text(f"{Decimal(value):f}", path)

    def read_text(self, text: str, path: str) -> int:
        try:
            return parse_yuan(text)
        except AmountInvalid:
            raise AmountInvalid(field=path) from None


@dataclass(frozen=True)
class Instant(Shape):
    """An instant after RFC 3339, with its zone."""

    comparable = True

    def schema(self, register: Register) -> Schema:
        return {"type": "string", "format": "date-time"}

    def read(self, value: Any, path: str) -> datetime:
        instant = None
        if isinstance(value, str) and _INSTANT.match(value):
            with contextlib.suppress(ValueError):
                instant = parse_datetime(value.upper())
        # In another zone the first and the last day that can be written lie in years that cannot.
        if instant is None or not MINYEAR < instant.year < MAXYEAR:
            _refuse(path, _("It must be an instant such as 2026-03-26T00:32:00Z."))
        return instant

    def read_text(self, text: str, path: str) -> datetime:
        # A "+" of the zone that was not escaped in the address arrives as a space.
        return self.read(text.replace(" ", "+"), path)


@dataclass(frozen=True)
class ListOf(Shape):
    """An array of one kind of value."""

    item: Shape
    max_length: int = 100

    def schema(self, register: Register) -> Schema:
        return {"type": "array", "items": self.item.schema(register)}

    def read(self, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list) or len(value) > self.max_length:
            _refuse(path, _("It must be a list of at most %(count)s.") % {"count": self.max_length})
        return [self.item.read(item, f"{path}[{index}]") for index, item in enumerate(value)]


@dataclass(frozen=True)
class Structure(Shape):
    """A JSON object with named attributes; any other attribute in a body is refused by name.

    :ivar name: component name in the OpenAPI document.
    :ivar required: attributes that must be given and not null.
    :ivar result: turns the values that were read into what the door works with.
    """

    name: str
    attributes: Mapping[str, Shape]
    required: Sequence[str] = ()
    description: str = ""
    result: Callable[[dict[str, Any]], Any] = dict

    def schema(self, register: Register) -> Schema:
        return register(self)

    def component(self, register: Register) -> Schema:
        """Return the schema that stands among the document's components."""
        schema: Schema = {
            "type": "object",
            "properties": {name: shape.schema(register) for name, shape in self.attributes.items()},
        }
        if self.required:
            schema["required"] = list(self.required)
        if self.description:
            schema["description"] = self.description
        return schema

    def read(self, value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            _refuse(path, _("It must be an object."))
        prefix = f"{path}." if path else ""
        given = {name: item for name, item in self._known(value, prefix).items() if item is not None}
        for name in self.required:
            if name not in given:
                _refuse(f"{prefix}{name}", _("It must be given."))
        values = {name: self.attributes[name].read(item, f"{prefix}{name}") for name, item in given.items()}
        return self.result(values)

    def read_changes(self, value: Mapping[str, Any], clearable: Sequence[str]) -> dict[str, Any]:
        """Return what a merge patch (RFC 7396) changes: only what was sent, None for what is to be taken away.

        :param clearable: attributes that may be taken away.
        :raises AttributeInvalid: one is not known, of the wrong kind, or may not be taken away.
        """
        changes = {}
        for name, item in self._known(value, "").items():
            if item is None and name not in clearable:
                _refuse(name, _("It cannot be taken away."))
            changes[name] = None if item is None else self.attributes[name].read(item, name)
        return changes

    def _known(self, value: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        for name in value:
            if name not in self.attributes and name not in _ABOUT_TYPES:
                _refuse(f"{prefix}{name}"[:80], _("It is not known here."))
        return {name: item for name, item in value.items() if name in self.attributes}
