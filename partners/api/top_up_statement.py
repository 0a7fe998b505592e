"""Settlement: what a partner topped up on a day by its own order ids, as a signed file, held against its own books."""

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, cast

from django.db.models import Q
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.views import APIView

from kernel import clock
from kernel.errors import NotFound
from kernel.money import yuan_text
from kernel.rest.errors import AttributeInvalid
from kernel.rest.openapi import BearerTokenScheme, ResourceSchema
from kernel.rest.renderers import FileNegotiation
from kernel.rest.resource import Api, Attribute, Caller, Change, Resource, by_uuid
from kernel.rest.selection import find_row, refuse_parameters
from kernel.rest.shapes import Instant, ListOf, Schema, Structure, Text, Whole
from kernel.rest.structures import MONEY, money
from kernel.rest.urls import resource_urls
from partners.models import StatementState, TopUpStatement
from partners.operations.top_up_statements import report_statement
from partners.queries.top_up_statements import list_statements_of

API = Api(title="Settlement", base_path="/tmf-api/settlement/v1", scope="settlement", name="settlement")

_WORDS = {state: state.value.lower() for state in StatementState}
_CSV = "text/csv"
_MOST_ORDERS = 20_000
_MOST_COUNTED = 10**9
_EXAMPLE_ID = "019aaf00-0000-7000-8000-000000000021"
_EXAMPLE_HREF = f"https://hall.example.com{API.base_path}/topupStatement/{_EXAMPLE_ID}"
_DIFFERENCE = Structure(
    "StatementDifference",
    {"kind": Text(choices=("count", "total", "order")), "order": Text(), "here": Text(), "there": Text()},
    description="What the hall has here and the partner there: a count, or yuan; nothing where there is no such order.",
)
_FILE = Structure(
    "StatementFile",
    {
        "href": Text(format="uri"),
        "mimeType": Text(),
        "algorithm": Text(),
        "signature": Text(),
        "publicKey": Text(),
    },
    description="Signed with Ed25519 (RFC 8032) over its bytes; signature and key in Base64.",
)
_ORDER = Structure("ReportedOrder", {"id": Text(max_length=64), "amount": MONEY}, required=("id", "amount"))


def _by_state(texts: Sequence[str]) -> Q:
    return Q(state__in=[state for state, word in _WORDS.items() if word in texts])


def _by_day(texts: Sequence[str]) -> Q | None:
    days = []
    for text in texts:
        with contextlib.suppress(ValueError):
            days.append(date.fromisoformat(text))
    return Q(day_date__in=days) if days else None


def _file(statement: TopUpStatement) -> dict[str, str]:
    return {
        "href": f"{STATEMENT.href(str(statement.id))}/file",
        "mimeType": _CSV,
        "algorithm": "Ed25519",
        "signature": statement.signature,
        "publicKey": statement.public_key,
    }


def _differences(statement: TopUpStatement) -> list[dict[str, str]]:
    return [
        {
            "kind": found["kind"].lower(),
            **({"order": found["order"]} if found["order"] else {}),
            **{
                side: str(found[side]) if found["kind"] == "COUNT" else yuan_text(found[side])
                for side in ("here", "there")
                if found[side] is not None
            },
        }
        for found in statement.differences
    ]


def _change(statement: TopUpStatement, changes: dict[str, Any], caller: Caller) -> TopUpStatement:
    for name in ("reportedCount", "reportedTotal"):
        if name not in changes:
            raise AttributeInvalid(field=name, cure=_("It must be given."))
    if not 0 <= changes["reportedCount"] <= _MOST_COUNTED:
        raise AttributeInvalid(field="reportedCount", cure=_("It is not a number of top-ups."))
    orders: Counter[str] | None = None
    if "reportedOrder" in changes:
        orders = Counter()
        for order in changes["reportedOrder"]:
            orders[order["id"]] += order["amount"]
    return report_statement(
        statement_id=statement.id,
        count=changes["reportedCount"],
        total_fen=changes["reportedTotal"],
        orders=orders,
        now=caller.now,
    )


STATEMENT: Resource[TopUpStatement] = Resource(
    api=API,
    name="topupStatement",
    type_name="TopupStatement",
    summary=(
        "The top-ups that the caller took the money for on one day of Asia/Shanghai, by its own order ids (the "
        "Idempotency-Key). It is there soon after midnight."
    ),
    rows=lambda caller: [list_statements_of(client_id=caller.client_id)],
    complete=lambda statements, _caller: statements,
    public_id=lambda statement: str(statement.id),
    find=by_uuid("id"),
    order=("day_date", "id"),
    attributes=(
        Attribute(
            name="day",
            shape=Text(format="date"),
            read=lambda statement: statement.day_date.isoformat(),
            always=True,
            filters={"": _by_day},
            sort="day_date",
        ),
        Attribute(name="count", shape=Whole(), read=lambda statement: statement.count, always=True, sort="count"),
        Attribute(name="total", shape=MONEY, read=lambda statement: money(statement.total_fen), always=True),
        Attribute(name="madeDate", shape=Instant(), read=lambda statement: statement.made_at, always=True),
        Attribute(name="file", shape=_FILE, read=_file, always=True),
        Attribute(
            name="state",
            shape=Text(choices=tuple(_WORDS.values())),
            read=lambda statement: _WORDS[StatementState(statement.state)],
            always=True,
            filters={"": _by_state},
            description="“agreed” or “different” once the caller has said what it has itself.",
        ),
        Attribute(name="reportedCount", shape=Whole(), read=lambda statement: statement.reported_count),
        Attribute(
            name="reportedTotal",
            shape=MONEY,
            read=lambda statement: (
                None if statement.reported_total_fen is None else money(statement.reported_total_fen)
            ),
        ),
        Attribute(name="reportedDate", shape=Instant(), read=lambda statement: statement.reported_at),
        Attribute(name="difference", shape=ListOf(_DIFFERENCE), read=_differences, always=True),
    ),
    change=Change(
        body=Structure(
            "TopupStatement_Update",
            {"reportedCount": Whole(), "reportedTotal": MONEY, "reportedOrder": ListOf(_ORDER, _MOST_ORDERS)},
            description="reportedCount and reportedTotal are needed.",
        ),
        change=_change,
        summary=(
            "Says what the caller has of that day: how many, what they come to and, if it wants each compared, its "
            "orders. The answer names what differs; the operator sees the same."
        ),
        example={
            "reportedCount": 1,
            "reportedTotal": {"unit": "CNY", "value": 49.9},
            "reportedOrder": [{"id": "order-0001", "amount": {"unit": "CNY", "value": 49.9}}],
        },
    ),
    example={
        "id": _EXAMPLE_ID,
        "href": _EXAMPLE_HREF,
        "day": "2026-03-26",
        "count": 1,
        "total": {"unit": "CNY", "value": 49.9},
        "madeDate": "2026-03-26T16:20:00Z",
        "file": {
            "href": f"{_EXAMPLE_HREF}/file",
            "mimeType": _CSV,
            "algorithm": "Ed25519",
            "signature": "Base64 of 64 bytes",
            "publicKey": "Base64 of 32 bytes",
        },
        "state": "made",
        "difference": [],
        "@type": "TopupStatement",
    },
)


class StatementFileSchema(ResourceSchema):
    """Describes the one operation of the file's door."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Schema | None:
        """Return it."""
        self.registry, self.method = registry, method
        self.get_auth()
        return {
            "operationId": "retrieveTopupStatementFile",
            "tags": [API.title],
            "summary": "Read the file of a statement",
            "description": (
                "CSV in UTF-8 with a byte order mark: order_id, top_up_id, number, amount_yuan, credited_at. Texts "
                "that a spreadsheet would take for a formula have an apostrophe in front."
            ),
            "security": [{BearerTokenScheme.name: [StatementFileView.required_scopes["GET"]]}],
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}, self.LANGUAGE],
            "responses": {
                "200": {
                    "description": "The file.",
                    "content": {_CSV: {"schema": {"type": "string", "format": "binary"}}},
                },
                **self.errors("400", "401", "403", "404", "405", "406", "409", "429", "500"),
            },
        }


class StatementFileView(APIView):
    """GET answers the file."""

    required_scopes: ClassVar[Mapping[str, str]] = {"GET": f"{API.scope}:read", "HEAD": f"{API.scope}:read"}
    content_negotiation_class = FileNegotiation
    metadata_class = None
    schema = StatementFileSchema()

    def get(self, request: Request, **named: str) -> HttpResponse:
        """Answer the bytes that were signed.

        :raises NotFound: there is no such statement, or it is somebody else's.
        """
        refuse_parameters(request.query_params)
        holder: Any = request.user
        caller = Caller(holder.client_id, holder.sight, get_language() or "", clock.now())
        statement = find_row(STATEMENT, named["id"], caller)
        if statement is None:
            raise NotFound
        cast("Any", request._request).rest_entity_id = named["id"]
        return HttpResponse(
            statement.content,
            content_type=f"{_CSV}; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="top-ups-{statement.day_date}.csv"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )


def statement_doors() -> list[URLPattern]:
    """Return the addresses of statements and their files."""
    return [
        *resource_urls([STATEMENT]),
        path("topupStatement/<str:id>/file/", StatementFileView.as_view(schema=None)),
        path("topupStatement/<str:id>/file", StatementFileView.as_view(), name="topupStatement-file"),
    ]
