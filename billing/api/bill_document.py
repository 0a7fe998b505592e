"""The PDF file of a bill, for whoever may read the bill."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.http import HttpResponse
from django.utils.translation import get_language
from rest_framework.request import Request
from rest_framework.views import APIView

from billing.api.customer_bill import CUSTOMER_BILL, PDF
from billing.queries.bill_paper import get_bill_paper
from kernel import clock
from kernel.clock import month_from_date
from kernel.errors import NotFound
from kernel.rest.openapi import BearerTokenScheme, ResourceSchema
from kernel.rest.renderers import FileNegotiation
from kernel.rest.resource import Caller
from kernel.rest.selection import find_row, refuse_parameters
from kernel.rest.shapes import Schema


class BillDocumentSchema(ResourceSchema):
    """Describes the one operation of this door."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Schema | None:
        """Return it."""
        self.registry, self.method = registry, method
        self.get_auth()
        return {
            "operationId": "retrieveBillDocument",
            "tags": [CUSTOMER_BILL.api.title],
            "summary": "Read a bill as a PDF file",
            "description": "Tagged PDF in the language of Accept-Language; name and numbers are masked.",
            "security": [{BearerTokenScheme.name: [BillDocumentView.required_scopes["GET"]]}],
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                self.LANGUAGE,
            ],
            "responses": {
                "200": {
                    "description": "The file.",
                    "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
                },
                **self.errors("400", "401", "403", "404", "405", "406", "409", "422", "429", "500"),
            },
        }


class BillDocumentView(APIView):
    """GET answers the file."""

    required_scopes: ClassVar[Mapping[str, str]] = {"GET": "bill:read", "HEAD": "bill:read"}
    content_negotiation_class = FileNegotiation
    metadata_class = None
    schema = BillDocumentSchema()

    def get(self, request: Request, **named: str) -> HttpResponse:
        """Answer the bill as PDF.

        :raises NotFound: there is no such bill, or it is somebody else's.
        :raises BillTooLong: it has more lines than anybody prints.
        :raises TypesetterBusy, TypesetterFailed: the file could not be made now.
        """
        refuse_parameters(request.query_params)
        holder: Any = request.user
        caller = Caller(holder.client_id, holder.sight, get_language() or "", clock.now())
        bill = find_row(CUSTOMER_BILL, named["id"], caller)
        if bill is None:
            raise NotFound
        noted = cast("Any", request._request)
        noted.rest_entity_id, noted.account_id = named["id"], bill.account_id
        month = month_from_date(bill.period_date)
        return HttpResponse(
            get_bill_paper(bill.account_id, month),
            content_type=PDF,
            headers={
                "Content-Disposition": f'attachment; filename="bill-{month}.pdf"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )
