"""Addresses of declared resources, with and without a slash at the end."""

from collections.abc import Sequence
from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path

from kernel.rest.registry import list_doors
from kernel.rest.resource import Resource
from kernel.rest.views import CollectionView, ItemView, unknown_path

SPACE = "tmf-api/"


def rest_urls() -> URLResolver:
    """Return the addresses of every API of the house, each under its base path and in its own name space."""
    apis = [
        path(
            f"{api.base_path.strip('/').removeprefix(SPACE)}/",
            include(([*resource_urls(resources), *others], api.name)),
        )
        for api, resources, others in list_doors()
    ]
    return path(SPACE, include([*apis, re_path("", unknown_path)]))


def resource_urls(resources: Sequence[Resource[Any]]) -> list[URLPattern]:
    """Return the patterns of the resources, relative to their API's base path."""
    return [pattern for resource in resources for pattern in _urls_of(resource)]


def _urls_of(resource: Resource[Any]) -> list[URLPattern]:
    on_all = ["get", "head", *(["post"] if resource.creation else [])]
    on_one = ["get", "head", *(["patch"] if resource.change else []), *(["delete"] if resource.removal else [])]
    patterns = []
    # The address without a slash comes last: the last one of a name is the one that `reverse` gives.
    for slash, schema in (("/", {"schema": None}), ("", {})):
        collection = CollectionView.as_view(resource=resource, http_method_names=on_all, **schema)
        item = ItemView.as_view(resource=resource, http_method_names=on_one, **schema)
        patterns += [
            path(f"{resource.name}{slash}", collection, name=resource.name),
            path(f"{resource.name}/<str:id>{slash}", item, name=f"{resource.name}-item"),
        ]
    return patterns
