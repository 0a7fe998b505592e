"""TMF630 hub: below each API's base path a partner says where it wants to be told of what happens there."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kernel.rest.event_kinds import EventKind
from kernel.rest.registry import list_event_kinds, list_resources
from kernel.rest.resource import Api, Attribute, Caller, Creation, Removal, Resource, by_uuid
from kernel.rest.shapes import Structure, Text
from kernel.rest.views import CollectionView, ItemView, ResourceView
from partners.models import Hub
from partners.operations.hub_query import HubQuery, HubQueryInvalid, read_hub_query
from partners.operations.hubs import make_hub, remove_hub, require_callback
from partners.queries.hubs import get_hub_secret, list_hubs_of

_EXAMPLE_ID = "019aaf00-0000-7000-8000-000000000011"


class HubView(ResourceView):
    """Whoever may read an API may be told of it."""

    @property
    def required_scopes(self) -> Mapping[str, str]:
        """Scope by method."""
        return dict.fromkeys(("GET", "HEAD", "POST", "DELETE"), f"{self.resource.api.scope}:read")


class HubCollectionView(HubView, CollectionView):
    """GET lists the caller's hubs, POST makes one."""


class HubItemView(HubView, ItemView):
    """GET answers one of the caller's hubs, DELETE removes it."""


def hub_doors(api: Api) -> Sequence[URLPattern]:
    """Return the addresses of an API's hubs, with and without a slash at the end."""
    if "read" not in api.access:
        return []
    hub, patterns = hub_of(api), []
    # The address without a slash comes last: the last one of a name is the one that `reverse` gives.
    for slash, schema in (("/", {"schema": None}), ("", {})):
        collection = HubCollectionView.as_view(resource=hub, http_method_names=["get", "head", "post"], **schema)
        item = HubItemView.as_view(resource=hub, http_method_names=["get", "head", "delete"], **schema)
        patterns += [
            path(f"hub{slash}", collection, name="hub"),
            path(f"hub/<str:id>{slash}", item, name="hub-item"),
        ]
    return patterns


def list_kinds_of(api: str) -> list[EventKind]:
    """Return what happens in an API that hubs can be told of."""
    return [kind for kind in list_event_kinds() if kind.resource.api.name == api]


def read_query_of(api: str, text: str) -> HubQuery:
    """Read which of an API's events are wanted.

    :raises HubQueryInvalid: it asks for what none of them has.
    """
    resources = {resource.name: resource for resource in list_resources() if resource.api.name == api}
    query = read_hub_query(text=text, resources=tuple(resources))
    kinds = list_kinds_of(api)
    unknown = query.types - {kind.type for kind in kinds}
    if unknown:
        there_are = ", ".join(kind.type for kind in kinds) or "–"
        raise HubQueryInvalid(
            cure=_("There is no event “%(name)s”. There are: %(names)s.")
            % {"name": min(unknown)[:80], "names": there_are}
        )
    told_of = [kind.resource for kind in kinds if query.wants_type(kind.type)]
    known = {"id", "href", "@type", *(name for resource in told_of for name in resource.by_name)}
    for attribute, _values in query.conditions:
        if attribute.partition(".")[0] not in known:
            raise HubQueryInvalid(
                cure=_("“%(name)s” is not an attribute of what is told of.") % {"name": attribute[:80]}
            )
    return query


@cache
def hub_of(api: Api) -> Resource[Hub]:
    """Return the resource of an API's hubs."""
    types = ", ".join(f"`{kind.type}`" for kind in list_kinds_of(api.name)) or "none yet"
    hub: Resource[Hub] = Resource(
        api=api,
        name="hub",
        type_name="EventSubscription",
        operation_name="".join(part.title() for part in api.name.split("-")) + "EventSubscription",
        summary=f"Where the caller wants to be told of what happens. Events of this API: {types}.",
        rows=lambda caller: [list_hubs_of(client_id=caller.client_id, api=api.name)],
        complete=lambda hubs, _caller: hubs,
        public_id=lambda hub: str(hub.id),
        find=by_uuid("id"),
        order=("id",),
        attributes=(
            Attribute(name="callback", shape=Text(format="uri"), read=lambda hub: hub.callback, always=True),
            Attribute(name="query", shape=Text(), read=lambda hub: hub.query, always=True),
            Attribute(
                name="secret",
                shape=Text(),
                read=_secret,
                description=(
                    "What signs the events, after Standard Webhooks: “whsec_” and Base64. Not in the answer to POST, "
                    "which is kept for repeats: read the hub once for it."
                ),
            ),
        ),
        creation=Creation(
            body=Structure(
                "EventSubscription_Create",
                {"callback": Text(max_length=500, format="uri"), "query": Text(max_length=500)},
                required=("callback",),
                description=(
                    "callback: an https:// address in the public internet. query: kinds of event and values of "
                    "attributes, such as “eventType=TopupBalanceCreateEvent&status=completed”; without it all events "
                    "are told."
                ),
            ),
            create=lambda values, caller, key: _create(api, values, caller, key),
            summary=(
                "Every event is posted to the callback, signed after Standard Webhooks, until it is answered with 2xx: "
                "at least once, those of one entity in order, for three days. `webhook-id` is the same each time."
            ),
            example={"callback": "https://partner.example.com/events", "query": _example_query(api)},
        ),
        removal=Removal(
            remove=lambda hub, caller: remove_hub(hub_id=hub.id, now=caller.now),
            summary="Nothing more is sent there.",
        ),
        example={
            "id": _EXAMPLE_ID,
            "href": f"https://hall.example.com{api.base_path}/hub/{_EXAMPLE_ID}",
            "callback": "https://partner.example.com/events",
            "query": _example_query(api),
            "secret": "whsec_" + "QSBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcyBsb25n",
            "@type": "EventSubscription",
        },
    )
    return hub


def _create(api: Api, values: dict[str, Any], caller: Caller, key: str) -> Hub:
    query = values.get("query", "")
    read_query_of(api.name, query)
    hub = make_hub(
        client_id=caller.client_id,
        api=api.name,
        callback=require_callback(url=values["callback"]),
        query=query,
        request_key=key,
        now=caller.now,
    )
    hub.sealed_secret = ""
    return hub


def _secret(hub: Hub) -> str | None:
    return get_hub_secret(hub) if hub.sealed_secret else None


def _example_query(api: Api) -> str:
    kinds = list_kinds_of(api.name)
    return f"eventType={kinds[0].type}" if kinds else ""
