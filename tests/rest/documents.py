"""The house's own OpenAPI document, and the published TM Forum specifications where they are at hand."""

import json
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from jsonschema import Draft4Validator, Draft202012Validator  # type: ignore[import-untyped]

from kernel.rest.resource import Api
from tests.halls import CHECKOUT

PUBLISHED = CHECKOUT.parent / "shared" / "tmf"


@cache
def own_document() -> dict[str, Any]:
    """Return the document as `manage.py spectacular` writes it; a warning of the generator is a failure."""
    written = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=written)
    return json.loads(written.getvalue())  # type: ignore[no-any-return]


def operation_of(method: str, path: str) -> dict[str, Any]:
    """Return one operation of the own document."""
    return own_document()["paths"][path][method.lower()]  # type: ignore[no-any-return]


def undocumented(method: str, path: str, response: Any) -> list[str]:
    """Return what the own document does not say about an answer: status, headers, or the shape of its body."""
    documented = operation_of(method, path)["responses"].get(str(response.status_code))
    if documented is None:
        return [f"{method} {path} answered {response.status_code}"]
    missing = [name for name in documented.get("headers", {}) if name not in response and name != "Link"]
    if "content" not in documented:
        return missing
    schema = documented["content"]["application/json"]["schema"] | {"components": own_document()["components"]}
    wrong = Draft202012Validator(schema).iter_errors(response.json())
    return missing + [f"{error.json_path}: {error.message}" for error in wrong]


def published_specification(api: Api) -> dict[str, Any] | None:
    """Return the published specification of an API; None where the folder is not there, or has none of it."""
    end = api.base_path.rpartition("/tmf-api/")[2]
    for file in sorted(PUBLISHED.glob("*.swagger.json")):
        specification: dict[str, Any] = _read(file)
        if specification["basePath"].strip("/").endswith(end):
            return specification
    return None


def unlike_published(api: Api, type_name: str, entity: Any) -> list[str] | None:
    """Return where an entity departs from its published type; None when that cannot be told."""
    specification = published_specification(api)
    if specification is None or type_name not in specification["definitions"]:
        return None
    schema = specification["definitions"][type_name] | {"definitions": specification["definitions"]}
    return [f"{error.json_path}: {error.message}" for error in Draft4Validator(schema).iter_errors(entity)]


@cache
def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text())  # type: ignore[no-any-return]
