"""E-invoices: what was asked for and how far it is, asking for one, taking a request back."""

import uuid
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.queries.customers import get_customer_name
from accounts.web.signed_in import SignedInRequest, line_required
from accounts.web.step_up import Need, step_up_required
from billing.models import BuyerKind
from billing.operations.e_invoices import request_e_invoice, withdraw_e_invoice
from billing.operations.ledger import IdempotencyConflict
from billing.queries.e_invoices import (
    InvoiceSubject,
    get_invoice_subject,
    list_e_invoices,
    list_invoiceable,
)
from billing.web.e_invoice_forms import EInvoiceForm
from billing.web.refused_form import refused_form
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from kernel.ids import PublicId

# What is offered to ask for: a half-year of bills and the one of last month, and as many top-ups as a page holds.
OFFERED_BILLS, OFFERED_TOP_UPS = 7, 10


@require_safe
@line_required
def e_invoices(request: SignedInRequest) -> HttpResponse:
    """List what was asked for, and what may be."""
    account_id = request.line.account_id
    context = {
        "e_invoices": [(row, str(PublicId(row.account_id, row.id))) for row in list_e_invoices(account_id)],
        "invoiceable": list_invoiceable(account_id, bills=OFFERED_BILLS, top_ups=OFFERED_TOP_UPS),
    }
    return render(request, "billing/e_invoices.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.BOTH, come_back="billing:e-invoices")
def e_invoice_request(request: SignedInRequest, subject: str) -> HttpResponse:
    """Ask for the e-invoice of a bill ("bill-2026-10") or top-up ("top-up-…").

    :raises Http404: the visitor has no such bill, nor paid such a top-up.
    """
    try:
        wanted = InvoiceSubject.parse(subject)
        found = get_invoice_subject(request.line.account_id, wanted)
    except (ValueError, NotFound):
        raise Http404 from None
    context: dict[str, Any] = {"subject": wanted, "amount_fen": found.amount_fen}
    if request.method != "POST":
        return render(request, "billing/e_invoice_request.html", {"form": _new_form(request), **context})
    form = EInvoiceForm(request.POST)
    if not form.is_valid():
        return refused_form(request, "billing/e_invoice_request.html", form, **context)
    entered = form.cleaned_data
    try:
        request_e_invoice(
            account_id=request.line.account_id,
            line_id=request.line.id,
            subject=wanted,
            buyer_kind=BuyerKind(entered["buyer_kind"]),
            buyer_name=entered["buyer_name"],
            taxpayer_number=entered["taxpayer_number"],
            email=entered["email"],
            request_key=entered["request_key"],
            now=now(),
        )
    except DomainError as refusal:
        if isinstance(refusal, IdempotencyConflict):
            # Back, changed and sent again: the first one stands, a new key lets the changed one be sent on purpose.
            form.data = request.POST.copy()
            form.data["request_key"] = uuid.uuid4().hex
        return refused_form(request, "billing/e_invoice_request.html", form, refusal, **context)
    messages.success(request, gettext("The e-invoice is asked for. A text tells you when it is issued."))
    return redirect("billing:e-invoices")


@require_POST
@line_required
def e_invoice_withdraw(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Take a request back.

    :raises Http404: the visitor has no such request.
    """
    try:
        wanted = PublicId.parse(public_id)
    except ValueError:
        raise Http404 from None
    if wanted.account_id != request.line.account_id:
        raise Http404
    response = redirect("billing:e-invoices")
    try:
        withdraw_e_invoice(account_id=wanted.account_id, e_invoice_id=wanted.row_id, now=now())
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
        cast("Any", response).outcome = refusal.code
    else:
        messages.success(request, gettext("The request is withdrawn."))
    return response


def _new_form(request: SignedInRequest) -> EInvoiceForm:
    """Nothing is asked twice: who the last invoice was issued to stands there already."""
    last = next(iter(list_e_invoices(request.line.account_id, 1)), None)
    initial = {"request_key": uuid.uuid4().hex, "buyer_kind": BuyerKind.PERSONAL}
    if last:
        names = ("buyer_kind", "buyer_name", "taxpayer_number", "email")
        return EInvoiceForm(initial={**initial, **{name: getattr(last, name) for name in names}})
    return EInvoiceForm(initial={**initial, "buyer_name": get_customer_name(request.line.account_id)})
