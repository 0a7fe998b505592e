"""The views of a declared resource: its collection and its items; and what answers where there is no resource."""

import contextlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel import clock
from kernel.errors import NotFound
from kernel.ids import PublicId
from kernel.rest.errors import AttributeInvalid, error_body
from kernel.rest.idempotency import Answer, answer_once, read_key, request_hash
from kernel.rest.pages import page_headers
from kernel.rest.parsers import MergePatchParser, StrictJSONParser
from kernel.rest.renderers import OneRepresentation, TmfJSONEncoder
from kernel.rest.resource import Caller, Change, Creation, Resource
from kernel.rest.selection import find_row, read_fields, read_page, read_selection, refuse_parameters

if TYPE_CHECKING:
    from kernel.rest.authentication import TokenHolder


class ResourceView(APIView):
    """What both views of a resource share."""

    resource: Resource[Any] = cast("Resource[Any]", None)  # every use of `as_view` gives one
    content_negotiation_class = OneRepresentation
    metadata_class = None  # OPTIONS would describe the framework, not the resource

    @property
    def required_scopes(self) -> Mapping[str, str]:
        """Scope by method, for `kernel.rest.permissions.HasScope`."""
        scope = self.resource.api.scope
        reads = dict.fromkeys(("GET", "HEAD"), f"{scope}:read")
        return reads | dict.fromkeys(("POST", "PATCH", "DELETE"), f"{scope}:write")

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Keep answers out of every cache: they are about one person's money."""
        return {**super().default_response_headers, "Cache-Control": "no-store"}

    def represent(self, row: Any, fields: frozenset[str] | None = None) -> dict[str, Any]:
        """Return a row as the caller sees it; attributes without a value are left out."""
        resource = self.resource
        public_id = resource.public_id(row)
        answer: dict[str, Any] = {"id": public_id, "href": resource.href(public_id)}
        for attribute in resource.attributes:
            if fields is None or attribute.name in fields:
                value = attribute.read(row)
                if value is not None:
                    answer[attribute.name] = value
        if fields is None or "@type" in fields:
            answer["@type"] = resource.type_name
        return answer


class CollectionView(ResourceView):
    """GET lists, POST creates."""

    def get(self, request: Request) -> Response:
        """Answer one page of what matches."""
        selection = read_selection(self.resource, request.query_params)
        page = read_page(self.resource, selection, _caller(request))
        partial = selection.limit_given and len(page.rows) < page.total
        return Response(
            [self.represent(row, selection.fields) for row in page.rows],
            status=206 if partial else 200,
            headers=page_headers(request, selection, count=len(page.rows), total=page.total),
        )

    def post(self, request: Request) -> HttpResponse:
        """Create one entity, once for each Idempotency-Key."""
        creation = self.resource.required_creation
        refuse_parameters(request.query_params)
        caller = _caller(request)
        key = read_key(request.headers, client_id=caller.client_id)
        body = cast("dict[str, Any]", request.data)
        values = creation.body.read(body, "")
        answer = answer_once(
            client_id=caller.client_id,
            key=key,
            request_hash=request_hash("POST", self.resource.path, body),
            now=caller.now,
            work=lambda: self._create(creation, values, caller, key),
        )
        _note_account(request, answer.headers["Location"].rpartition("/")[2])
        return HttpResponse(answer.body, status=answer.status, headers=answer.headers, content_type="application/json")

    def _create(self, creation: Creation[Any], values: Any, caller: Caller, key: str) -> Answer:
        entity = self.represent(creation.create(values, caller, key))
        body = json.dumps(entity, cls=TmfJSONEncoder, ensure_ascii=False, separators=(",", ":"))
        return Answer(status=201, body=body, headers={"Location": entity["href"]})


class ItemView(ResourceView):
    """GET answers one entity, PATCH changes it, DELETE takes it away."""

    def get_parsers(self) -> list[BaseParser]:
        """Return what reads the body of a PATCH, the only one that is read here."""
        return [StrictJSONParser(), MergePatchParser()]

    def get(self, request: Request, **named: str) -> Response:
        """Answer the entity of the address's `id` if the caller may see it.

        :raises NotFound: there is none, or it is somebody else's.
        """
        refuse_parameters(request.query_params, except_for=frozenset({"fields"}))
        fields = read_fields(self.resource, request.query_params)
        return Response(self.represent(self._find(request, named["id"], _caller(request)), fields))

    def patch(self, request: Request, **named: str) -> Response:
        """Change the entity after RFC 7396: what is not sent stays as it is.

        :raises NotFound: there is none, or it is somebody else's.
        """
        change = self.resource.required_change
        refuse_parameters(request.query_params)
        caller = _caller(request)
        row = self._find(request, named["id"], caller)
        changes = self._read_changes(change, cast("dict[str, Any]", request.data))
        with transaction.atomic():
            return Response(self.represent(change.change(row, changes, caller) if changes else row))

    def delete(self, request: Request, **named: str) -> Response:
        """Take the entity away.

        :raises NotFound: there is none, or it is somebody else's.
        """
        removal = self.resource.required_removal
        refuse_parameters(request.query_params)
        caller = _caller(request)
        with transaction.atomic():
            removal.remove(self._find(request, named["id"], caller), caller)
        return Response(status=204)

    def _find(self, request: Request, public_id: str, caller: Caller) -> Any:
        row = find_row(self.resource, public_id, caller)
        if row is None:
            raise NotFound
        _note_account(request, public_id)
        return row

    def _read_changes(self, change: Change[Any], body: Mapping[str, Any]) -> dict[str, Any]:
        fixed = {"id", "href", *self.resource.by_name} - set(change.body.attributes)
        for name in body:
            if name in fixed:
                raise AttributeInvalid(field=name, cure=_("It cannot be changed."))
        return change.body.read_changes(body, change.clearable)


@csrf_exempt
def unknown_path(request: HttpRequest) -> HttpResponse:
    """Whatever is not there below /tmf-api/ answers 404 as everything else does, to everybody and for every method."""
    return JsonResponse(error_body(NotFound()), status=404, json_dumps_params={"ensure_ascii": False})


def _caller(request: Request) -> Caller:
    holder = cast("TokenHolder", request.user)  # the permission has seen to it
    return Caller(
        client_id=holder.client_id,
        sight=holder.sight,
        language=get_language() or "",
        now=clock.now(),
        client_name=holder.client_name,
    )


def _note_account(request: Request, public_id: str) -> None:
    """Tell the middleware that notes every use which entity it was, and whose account."""
    noted = cast("Any", request._request)
    noted.rest_entity_id = public_id
    with contextlib.suppress(ValueError):
        # What an id says beyond account and row stands after a dot.
        noted.account_id = PublicId.parse(public_id.partition(".")[0]).account_id
