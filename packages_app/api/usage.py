"""TMF635 usage: the network's door for records of data sessions, calls and texts, many at a time."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, Any, ClassVar, cast

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from kernel import clock
from kernel.errors import DomainError
from kernel.phone import NumberInvalid, parse_msisdn
from kernel.rest.errors import BodyInvalid, error_body
from kernel.rest.idempotency import Answer, answer_once, read_key, request_hash
from kernel.rest.openapi import BearerTokenScheme, ResourceSchema, idempotency_parameter
from kernel.rest.renderers import OneRepresentation
from kernel.rest.resource import Api
from kernel.rest.shapes import Schema
from packages_app.operations.record_usage import RejectReason, UsageRow, record_usage

API = Api(
    title="Usage",
    base_path="/tmf-api/usageManagement/v4",
    scope="usage",
    name="usage",
    access=("write",),
)
PATH = f"{API.base_path}/usage"
MOST_RECORDS = 10_000
MOST_BYTES = 4 * 1024 * 1024
_KINDS = {"data": "DATA", "voice": "VOICE", "sms": "SMS"}
_NUMBER, _AMOUNT, _APP, _REGION, _PARTY = "number", "amount", "app", "region", "otherParty"
_SHAPE_WRONG = "RECORD_INVALID"

_RECORD_SCHEMA = {
    "type": "object",
    "required": ["externalId", "usageDate", "usageType", "usageCharacteristic"],
    "properties": {
        "externalId": {"type": "string", "maxLength": 64, "description": "The network's own key."},
        "usageDate": {"type": "string", "format": "date-time", "description": "When it began."},
        "usageType": {"type": "string", "enum": list(_KINDS)},
        "usageCharacteristic": {
            "type": "array",
            "description": "number and amount (bytes, seconds or messages); app, region and otherParty may follow.",
            "items": {
                "type": "object",
                "required": ["name", "value"],
                "properties": {
                    "name": {"type": "string", "enum": [_NUMBER, _AMOUNT, _APP, _REGION, _PARTY]},
                    "value": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                },
            },
        },
    },
}
_EXAMPLE = {
    "externalId": "cdr-1",
    "usageDate": "2026-11-22T06:32:00Z",
    "usageType": "data",
    "usageCharacteristic": [{"name": "number", "value": "13800138000"}, {"name": "amount", "value": 1048576}],
}
_ANSWER_SCHEMA = {
    "type": "object",
    "properties": {
        "recorded": {"type": "integer"},
        "repeated": {"type": "integer", "description": "Known before, or twice in this batch."},
        "rejected": {"type": "integer"},
        "usage": {
            "type": "array",
            "description": "One for each record, in the order sent.",
            "items": {
                "type": "object",
                "properties": {
                    "externalId": {"type": "string"},
                    "status": {"type": "string", "enum": ["received", "rejected"]},
                    "rejectReason": {"type": "string", "description": "A stable code."},
                },
            },
        },
    },
}


_ANSWER_EXAMPLE = {
    "recorded": 1,
    "repeated": 0,
    "rejected": 0,
    "usage": [{"externalId": "cdr-1", "status": "received"}],
}


class TooManyRecords(DomainError):
    """The batch is larger than one request may be."""

    code = "TOO_MANY_RECORDS"
    message = gettext_lazy("The batch is too large.")
    cure = gettext_lazy("Send at most 10,000 records and 4 MB at once.")
    http_status = 413


class _Raw(BaseParser):
    """Hands over the body as it is, up to the limit."""

    def parse(  # type: ignore[override]  # not a mapping: a batch is a list, or lines
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> bytes:
        """Return the body.

        :raises TooManyRecords: it is longer than that.
        """
        body: bytes = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooManyRecords
        return body


class _RawJSON(_Raw):
    media_type = "application/json"


class _RawLines(_Raw):
    media_type = "application/x-ndjson"


class UsageSchema(ResourceSchema):
    """Describes the one operation of this door."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Schema | None:
        """Return it."""
        self.registry, self.method = registry, method
        self.get_auth()
        batch = {"oneOf": [_RECORD_SCHEMA, {"type": "array", "items": _RECORD_SCHEMA}]}
        with translation.override("en"):
            too_many = error_body(TooManyRecords())
        return {
            "operationId": "createUsage",
            "tags": ["Usage"],
            "summary": "Record usage",
            "description": "One record, an array, or NDJSON. What becomes of each is answered in the order sent.",
            "security": [{BearerTokenScheme.name: [UsageView.required_scopes["POST"]]}],
            "parameters": [idempotency_parameter(), self.LANGUAGE],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": batch, "example": [_EXAMPLE]},
                    _RawLines.media_type: {"schema": _RECORD_SCHEMA, "example": _EXAMPLE},
                },
            },
            "responses": {
                "201": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": _ANSWER_SCHEMA, "example": _ANSWER_EXAMPLE}},
                },
                "413": {
                    "description": "Too many records or bytes.",
                    "content": {"application/json": {"schema": self.error_schema(), "example": too_many}},
                },
                **self.errors("400", "401", "403", "405", "406", "409", "415", "422", "429", "500"),
            },
        }


class UsageView(APIView):
    """POST takes records; what is taken and what not is answered for each."""

    required_scopes: ClassVar[Mapping[str, str]] = {"POST": "usage:write"}
    parser_classes = (_RawJSON, _RawLines)
    content_negotiation_class = OneRepresentation
    metadata_class = None
    schema = UsageSchema()

    def post(self, request: Request) -> HttpResponse:
        """Record a batch, once for each Idempotency-Key.

        :raises TooManyRecords: more than 10,000 records or 4 MB.
        :raises BodyInvalid: it is neither JSON nor NDJSON.
        """
        partner: Any = request.user
        key = read_key(request.headers, client_id=partner.client_id)
        body = cast("bytes", request.data)
        now = clock.now()
        records = _read_records(body, is_lines=(request.content_type or "").startswith(_RawLines.media_type))
        if len(records) > MOST_RECORDS:
            raise TooManyRecords
        answer = answer_once(
            client_id=partner.client_id,
            key=key,
            request_hash=request_hash("POST", PATH, {"sha256": hashlib.sha256(body).hexdigest()}),
            now=now,
            work=lambda: _record(records, now),
        )
        return HttpResponse(answer.body, status=answer.status, headers=answer.headers, content_type="application/json")


def _read_records(body: bytes, *, is_lines: bool) -> list[Any]:
    try:
        text = body.decode()
        if is_lines:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BodyInvalid(cure=_("Send JSON, or one JSON object a line, in UTF-8.")) from None
    return found if isinstance(found, list) else [found]


def _record(records: list[Any], now: datetime) -> Answer:
    rows: list[UsageRow] = []
    places: list[int] = []
    reasons: dict[int, str] = {}
    for place, record in enumerate(records):
        row = _row(record)
        if isinstance(row, UsageRow):
            rows.append(row)
            places.append(place)
        else:
            reasons[place] = row
    result = record_usage(records=rows, now=now)
    reasons |= {places[rejected.index]: rejected.reason.value for rejected in result.rejected}
    body = {
        "recorded": result.recorded,
        "repeated": result.repeated,
        "rejected": len(reasons),
        "usage": list(_answers(records, reasons)),
    }
    return Answer(status=201, body=json.dumps(body, ensure_ascii=True, separators=(",", ":")), headers={})


def _answers(records: list[Any], reasons: Mapping[int, str]) -> Iterator[dict[str, str]]:
    for place, record in enumerate(records):
        key = record.get("externalId") if isinstance(record, dict) else None
        answer = {"externalId": key if isinstance(key, str) else "", "status": "received"}
        if place in reasons:
            answer |= {"status": "rejected", "rejectReason": reasons[place]}
        yield answer


def _row(record: Any) -> UsageRow | str:
    """Return the record, or the code of what is wrong with its shape."""
    try:
        said = {entry["name"]: entry["value"] for entry in record["usageCharacteristic"]}
        started_at = datetime.fromisoformat(record["usageDate"])
        kind, key, amount = record["usageType"], record["externalId"], said[_AMOUNT]
        texts = [said.get(name, "") for name in (_APP, _REGION, _PARTY)]
    except (KeyError, TypeError, ValueError, AttributeError):
        return _SHAPE_WRONG
    well_typed = all(isinstance(text, str) for text in (kind, key, *texts)) and type(amount) is int
    if not well_typed or started_at.tzinfo is None:
        return _SHAPE_WRONG
    try:
        msisdn = parse_msisdn(str(said[_NUMBER]))
    except (KeyError, NumberInvalid):
        return RejectReason.NUMBER_UNKNOWN.value
    return UsageRow(msisdn, key, started_at, _KINDS.get(kind, ""), amount, *texts)
