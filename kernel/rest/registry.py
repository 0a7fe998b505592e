"""Every REST resource of the house. An app names its own in `api/resources.py`; nothing else needs to know of them.

`RESOURCES` there is a sequence of `kernel.rest.resource.Resource`; `OTHER_DOORS`, where there is one, maps an `Api` to
further URL patterns below its base path, and `DOORS_OF_EVERY_API` gives those that every API has. Two apps may serve
one API: the floor that owns a resource declares it. `EVENTS` in `api/events.py`, where there is one, is a sequence of
`kernel.rest.event_kinds.EventKind`.
"""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern

from kernel.checks import HOUSE
from kernel.rest.event_kinds import EventKind
from kernel.rest.resource import Api, Resource


@cache
def list_resources() -> tuple[Resource[Any], ...]:
    """Return every declared resource of the house, in the order of its floors.

    :raises ImproperlyConfigured: two resources share an address or a TMF type, or two APIs a base path or a name.
    """
    resources = tuple(resource for module in _modules() for resource in module.RESOURCES)
    _require_unique("address", [resource.path for resource in resources])
    _require_unique("type", [resource.type_name for resource in resources])
    return resources


@cache
def list_apis() -> tuple[Api, ...]:
    """Return every API that has a resource."""
    return tuple({resource.api: None for resource in list_resources()})


@cache
def list_event_kinds() -> tuple[EventKind, ...]:
    """Return what hubs can be told about; of what happens at one instant the first is told first.

    :raises ImproperlyConfigured: two kinds share a type.
    """
    kinds = tuple(kind for module in _modules("events") for kind in module.EVENTS)
    _require_unique("type of event", [kind.type for kind in kinds])
    return kinds


@cache
def list_doors() -> tuple[tuple[Api, Sequence[Resource[Any]], Sequence[URLPattern]], ...]:
    """Return every API of the house with its resources and its other doors."""
    others: dict[Api, list[URLPattern]] = {resource.api: [] for resource in list_resources()}
    for module in _modules():
        doors: Mapping[Api, Sequence[URLPattern]] = getattr(module, "OTHER_DOORS", {})
        for api, patterns in doors.items():
            others.setdefault(api, []).extend(patterns)
    for module in _modules():
        if hasattr(module, "DOORS_OF_EVERY_API"):
            for api in list_apis():
                others[api].extend(module.DOORS_OF_EVERY_API(api))
    _require_unique("base path", [api.base_path for api in others])
    _require_unique("name", [api.name for api in others])
    return tuple(
        (api, [resource for resource in list_resources() if resource.api == api], patterns)
        for api, patterns in others.items()
    )


@cache
def list_scopes() -> Mapping[str, str]:
    """Return every scope of the house and what it opens, in English: partners read it in the OpenAPI document."""
    return {
        f"{api.scope}:{access}": f"{api.title}: {access}" for api, _resources, _others in list_doors()
        for access in api.access
    }  # fmt: skip


def _modules(name: str = "resources") -> list[ModuleType]:
    rooms = [f"{apps.get_app_config(label).name}.api" for label in HOUSE]
    return [
        importlib.import_module(f"{room}.{name}")
        for room in rooms
        if importlib.util.find_spec(room) and importlib.util.find_spec(f"{room}.{name}")
    ]


def _require_unique(what: str, values: Sequence[str]) -> None:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ImproperlyConfigured(f"two REST resources share a {what}: {', '.join(repeated)}")
