"""Which events a hub wants: the `query` of TMF630, such as "eventType=TopupBalanceCreateEvent&amount.amount=50"."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError

_EVENT_TYPE = "eventType"
_MOST_CONDITIONS = 20


class HubQueryInvalid(DomainError):
    """The query cannot be read, or asks for what no event has; `cure` says what."""

    code = "HUB_QUERY_INVALID"
    message = _("The query cannot be used.")
    http_status = 400
    field = "query"


@dataclass(frozen=True, slots=True)
class HubQuery:
    """What an event must be like: all of it holds, and of several values one.

    :ivar types: kinds of event; none is any.
    :ivar conditions: attribute path below the resource, and the values that are wanted.
    """

    types: frozenset[str]
    conditions: Sequence[tuple[str, frozenset[str]]]

    def wants_type(self, event_type: str) -> bool:
        """Tell whether events of a kind may be wanted."""
        return not self.types or event_type in self.types

    def wants(self, event_type: str, entity: Mapping[str, Any]) -> bool:
        """Tell whether an event is wanted.

        :param entity: the resource, as JSON has it.
        """
        return self.wants_type(event_type) and all(
            not values.isdisjoint(map(_text, _values_at(entity, path.split(".")))) for path, values in self.conditions
        )


def read_hub_query(*, text: str, resources: Sequence[str]) -> HubQuery:
    """Read a query.

    :param resources: names of the API's resources: "event.topupBalance.status" is the same as "status".
    :raises HubQueryInvalid: it is no such query.
    """
    try:
        pairs = parse_qsl(text, strict_parsing=True, max_num_fields=_MOST_CONDITIONS) if text else []
    except ValueError:
        raise HubQueryInvalid(
            cure=_("Write it as “eventType=TopupBalanceCreateEvent&status=completed”, 20 conditions at most.")
        ) from None
    types: frozenset[str] = frozenset()
    conditions = []
    for name, value in pairs:
        name, values = name.strip(), frozenset(part.strip() for part in value.split(","))
        if name == _EVENT_TYPE:
            types |= values
        else:
            conditions.append((_below_resource(name, resources), values))
    return HubQuery(types, tuple(conditions))


def _below_resource(name: str, resources: Sequence[str]) -> str:
    for resource in resources:
        if name.startswith(f"event.{resource}."):
            return name.removeprefix(f"event.{resource}.")
    return name


def _values_at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _values_at(item, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _values_at(value[path[0]], path[1:])


def _text(value: Any) -> str:
    """Return a JSON value as it is written in a query string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
