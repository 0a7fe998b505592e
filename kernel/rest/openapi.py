"""The OpenAPI document of declared resources: paths, parameters, bodies, examples and errors follow from them."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from kernel.errors import DomainError, NotFound
from kernel.rest import idempotency
from kernel.rest.errors import (
    AnswerNotAcceptable,
    Busy,
    MediaTypeRefused,
    MethodRefused,
    ParameterInvalid,
    ScopeMissing,
    TokenMissing,
    Unexpected,
    error_body,
)
from kernel.rest.parsers import MergePatchParser, StrictJSONParser
from kernel.rest.registry import list_scopes
from kernel.rest.resource import Column, Resource
from kernel.rest.selection import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET
from kernel.rest.shapes import Schema, Structure
from kernel.rest.structures import ERROR
from kernel.rest.views import CollectionView, ResourceView


class _TooOften(DomainError):
    """Stands in the document for whoever counts calls."""

    code = "RATE_EXCEEDED"
    http_status = 429


# What each status means, and a refusal that answers with it.
_ERRORS: Mapping[str, tuple[str, DomainError]] = {
    "400": ("A parameter, an attribute or the body is wrong; it is named.", ParameterInvalid(field="colour")),
    "401": ("No access token, or one that is unknown or has expired.", TokenMissing()),
    "403": ("The token does not carry the scope.", ScopeMissing("balance:read")),
    "404": ("There is none, or it is not yours to see.", NotFound()),
    "405": ("This address does not take this method.", MethodRefused()),
    "406": ("The caller does not take JSON.", AnswerNotAcceptable()),
    "409": ("Another request is working on this; send it again.", Busy()),
    "415": ("The body is not application/json.", MediaTypeRefused()),
    "422": ("Understood, but it cannot be carried out; nothing was done.", idempotency.IdempotencyKeyReused()),
    "429": ("Called as often as it may be; Retry-After says when again.", _TooOften()),
    "500": ("A fault on our side.", Unexpected()),
}
# What any operation may answer, whatever it is about.
_ALWAYS = ("400", "401", "403", "405", "406", "409", "429", "500")
_COUNTS = {
    "X-Total-Count": ("How many match in all.", "integer"),
    "X-Result-Count": ("How many are in this answer.", "integer"),
    "Link": ("first, prev, next and last page, where there are several.", "string"),
}


_IDENTIFIER = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How partners get their tokens."""

    target_class = "kernel.rest.authentication.BearerAuthentication"
    match_subclasses = True
    name = "partner"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, object]:
        """Return the security scheme."""
        flow = {"tokenUrl": "/oauth/token/", "scopes": dict(list_scopes())}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}


class ResourceSchema(AutoSchema):
    """Describes the views of `kernel.rest.views` from their resource; everything else as drf-spectacular does."""

    method: str

    LANGUAGE: ClassVar[Schema] = {
        "name": "Accept-Language",
        "in": "header",
        "description": "Language of names and errors.",
        "schema": {"type": "string", "enum": ["zh-hans", "en"]},
    }

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Schema | None:
        """Return the operation of one path and method."""
        if not isinstance(self.view, ResourceView):
            foreign: Schema | None = super().get_operation(path, path_regex, path_prefix, method, registry)
            return foreign
        self.registry = registry
        self.method = method
        self.get_auth()  # puts the security scheme among the components
        operation = {
            "operationId": self._operation_id(),
            "tags": [self._resource.api.title],
            "security": [{BearerTokenScheme.name: [self.view.required_scopes[method]]}],
        }
        match method:
            case "POST":
                return operation | self._creation()
            case "PATCH":
                return operation | self._change()
            case "DELETE":
                return operation | self._removal()
        return operation | (self._list() if self._is_collection else self._item())

    @property
    def _resource(self) -> Resource[Any]:
        return cast("ResourceView", self.view).resource

    @property
    def _is_collection(self) -> bool:
        return isinstance(self.view, CollectionView)

    def _operation_id(self) -> str:
        reading = "list" if self._is_collection else "retrieve"
        verb = {"POST": "create", "PATCH": "patch", "DELETE": "delete", "GET": reading}[self.method]
        return f"{verb}{self._resource.operation_name or self._resource.type_name}"

    def _list(self) -> Schema:
        resource = self._resource
        headers = {name: {"description": text, "schema": {"type": kind}} for name, (text, kind) in _COUNTS.items()}
        content = _json({"type": "array", "items": self._entity()}, [resource.example])
        return {
            "summary": f"List {resource.name}",
            "description": resource.summary,
            "parameters": [*_filters(resource), *_directives(resource), self.LANGUAGE],
            "responses": {
                "200": {"description": "All that match.", "headers": headers, "content": content},
                "206": {"description": "A part, since `limit` was given.", "headers": headers, "content": content},
                **self.errors(*_ALWAYS),
            },
        }

    def _item(self) -> Schema:
        resource = self._resource
        return {
            "summary": f"Read one {resource.name}",
            "description": resource.summary,
            "parameters": [_IDENTIFIER, _fields(resource), self.LANGUAGE],
            "responses": {
                "200": {"description": "The entity.", "content": _json(self._entity(), resource.example)},
                **self.errors(*_ALWAYS, "404"),
            },
        }

    def _change(self) -> Schema:
        resource = self._resource
        change = resource.required_change
        body = {**change.body.component(self._register)}
        body.pop("required", None)
        for name in change.clearable:
            body["properties"] = body["properties"] | {name: {"nullable": True, "allOf": [body["properties"][name]]}}
        component = self._component(f"{resource.type_name}_Update", body)
        kinds = (MergePatchParser.media_type, StrictJSONParser.media_type)
        return {
            "summary": f"Change {resource.name}",
            "description": f"{change.summary} What is not sent stays as it is (RFC 7396).",
            "parameters": [_IDENTIFIER, self.LANGUAGE],
            "requestBody": {
                "required": True,
                "content": {kind: {"schema": component, "example": dict(change.example)} for kind in kinds},
            },
            "responses": {
                "200": {"description": "The entity as it is now.", "content": _json(self._entity(), resource.example)},
                **self.errors(*_ALWAYS, "404", "415", "422"),
            },
        }

    def _removal(self) -> Schema:
        return {
            "summary": f"Take {self._resource.name} away",
            "description": self._resource.required_removal.summary,
            "parameters": [_IDENTIFIER, self.LANGUAGE],
            "responses": {
                "204": {"description": "Done."},
                **self.errors(*_ALWAYS, "404", "422"),
            },
        }

    def _creation(self) -> Schema:
        resource = self._resource
        creation = resource.required_creation
        location = {"Location": {"description": "Address of the new entity.", "schema": {"type": "string"}}}
        return {
            "summary": f"Create {resource.name}",
            "description": creation.summary,
            "parameters": [idempotency_parameter(), self.LANGUAGE],
            "requestBody": {"required": True, "content": _json(self._register(creation.body), dict(creation.example))},
            "responses": {
                "201": {
                    "description": "Done.",
                    "headers": location,
                    "content": _json(self._entity(), resource.example),
                },
                **self.errors(*_ALWAYS, "404", "415", "422"),
            },
        }

    def _entity(self) -> Schema:
        resource = self._resource
        own = {attribute.name: attribute.shape.schema(self._register) for attribute in resource.attributes}
        for attribute in resource.attributes:
            if attribute.description and "$ref" not in own[attribute.name]:
                own[attribute.name]["description"] = attribute.description
        always = ", ".join(attribute.name for attribute in resource.attributes if attribute.always)
        schema = {
            "type": "object",
            "description": f"Always given, unless `fields` leaves them out: {always}.",
            "properties": {
                "id": {"type": "string"},
                "href": {"type": "string", "format": "uri"},
                **own,
                "@type": {"type": "string"},
            },
            # `fields` may leave out everything but these two.
            "required": ["id", "href"],
        }
        return self._component(resource.type_name, schema)

    def _register(self, structure: Structure) -> Schema:
        return self._component(structure.name, structure.component(self._register))

    def _component(self, name: str, schema: Schema) -> Schema:
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            name=name, type=ResolvedComponent.SCHEMA, object=name, schema=schema
        )
        self.registry.register_on_missing(component)
        reference: Schema = component.ref
        return reference

    def error_schema(self) -> Schema:
        """Return the shape of every refusal."""
        return self._register(ERROR)

    def errors(self, *statuses: str) -> Schema:
        """Return the refusals that answer with these statuses."""
        schema = self.error_schema()
        with translation.override("en"):
            return {
                status: {"description": meaning, "content": _json(schema, error_body(refusal))}
                for status, (meaning, refusal) in _ERRORS.items()
                if status in statuses
            }


def idempotency_parameter() -> Schema:
    """Return the header that every POST needs."""
    return {
        "name": idempotency.HEADER,
        "in": "header",
        "required": True,
        "description": "Same key and same body: the same answer, nothing done twice. Other body: 422.",
        "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,64}$"},
    }


def _json(schema: Schema, example: Any) -> Schema:
    return {"application/json": {"schema": schema, "example": example}}


def _query(name: str, description: str, schema: Schema | None = None) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema or {"type": "string"}}


def _fields(resource: Resource[Any]) -> Schema:
    names = ", ".join(attribute.name for attribute in resource.attributes)
    return _query("fields", f"First-level attributes to answer, with commas; id and href always stay. {names}")


def _filters(resource: Resource[Any]) -> Sequence[Schema]:
    parameters = []
    for name, how in resource.filters.items():
        operators = how.operators if isinstance(how, Column) else ()
        also = f" Also {' '.join(f'`{name}.{operator}`' for operator in operators)}." if operators else ""
        parameters.append(_query(name, f"Equal to this; commas mean or.{also}"))
    return parameters


def _directives(resource: Resource[Any]) -> Sequence[Schema]:
    sortable = [attribute.name for attribute in resource.attributes if attribute.sort]
    return [
        _fields(resource),
        _query("sort", f"Attributes to sort by, “-” for descending. {', '.join(sortable)}"),
        _query("offset", "How many to leave out.", _whole(0, MAX_OFFSET, 0)),
        _query("limit", "How many to answer at most.", _whole(1, MAX_LIMIT, DEFAULT_LIMIT)),
    ]


def _whole(minimum: int, maximum: int, default: int) -> Schema:
    return {"type": "integer", "minimum": minimum, "maximum": maximum, "default": default}
