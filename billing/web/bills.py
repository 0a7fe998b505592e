"""Bills: the list, and one bill by its seven heads."""

from itertools import accumulate
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts.web.signed_in import SignedInRequest, line_required, list_signed_in_lines
from billing.queries.balance import get_balance
from billing.queries.bill_comparison import get_bill_comparison
from billing.queries.bill_paper import get_bill_paper
from billing.queries.bills import BillSummary, BillView, get_bill, get_running_fen, list_bills
from billing.queries.dues import list_dues
from billing.queries.e_invoices import InvoiceSubject
from billing.queries.unusual_bills import get_usual_fen
from kernel.clock import month_of, now, parse_month
from kernel.errors import DomainError, NotFound


@require_safe
@line_required
def bills(request: SignedInRequest) -> HttpResponse:
    """List the bills of the last months, and what the running one comes to so far."""
    return _bills_page(request, list_bills(request.line.account_id, settings.BILL_HISTORY_MONTHS))


@require_safe
@line_required
def latest_bill(request: SignedInRequest) -> HttpResponse:
    """Show the newest bill, or that there is none yet."""
    newest = next(iter(list_bills(request.line.account_id, 1)), None)
    if newest is None:
        return _bills_page(request, [])
    return _bill_page(request, get_bill(request.line.account_id, newest.month))


@require_safe
@line_required
def bill(request: SignedInRequest, month: str) -> HttpResponse:
    """Show the bill of a month such as 2026-10.

    :raises Http404: not a month, or the account has no bill for it.
    """
    try:
        found = get_bill(request.line.account_id, parse_month(month))
    except (ValueError, NotFound):
        raise Http404 from None
    return _bill_page(request, found)


@require_safe
@line_required
def bill_pdf(request: SignedInRequest, month: str) -> HttpResponse:
    """Give the bill of a month as a PDF file; when it cannot be made now, say so on the bill's page.

    :raises Http404: not a month, or the account has no bill for it.
    """
    try:
        wanted = parse_month(month)
        paper = get_bill_paper(request.line.account_id, wanted)
    except (ValueError, NotFound):
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
        response = redirect("billing:bill", month)
        cast("Any", response).outcome = refusal.code
        return response
    name = gettext("Bill of %(month)s") % {"month": date_format(wanted.first_date, "YEAR_MONTH_FORMAT")}
    return HttpResponse(
        paper,
        content_type="application/pdf",
        headers={
            # The first name is for programs that do not read the second.
            "Content-Disposition": f"attachment; filename=\"bill-{wanted}.pdf\"; filename*=UTF-8''{quote(name)}.pdf",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _bills_page(request: SignedInRequest, found: list[BillSummary]) -> HttpResponse:
    account_id, running = request.line.account_id, month_of(now())
    running_fen = get_running_fen(account_id, running)
    context = {
        "bills": found,
        "running_month": running,
        "running_fen": running_fen,
        "most_fen": max([1, running_fen, *(bill.bar_fen for bill in found)]),
        "balance": get_balance(account_id),
        "dues": list_dues(account_id),
    }
    return render(request, "billing/bills.html", context)


def _bill_page(request: SignedInRequest, found: BillView) -> HttpResponse:
    context = {
        "bill": found,
        "slices": _slices(found),
        "usual_fen": get_usual_fen(found.account_id, found.month),
        "comparison": get_bill_comparison(found.account_id, found.month),
        "bill_subject": InvoiceSubject(month=found.month),
        "shown_line_ids": {line.id for line in list_signed_in_lines(request)},
    }
    return render(request, "billing/bill.html", context)


def _slices(found: BillView) -> dict[str, Any]:
    """Return the ring of the heads: (place, fen before it, fen) of each that costs something, and the whole."""
    dear = [head for head in found.heads if head.amount_fen > 0]
    ends = list(accumulate(head.amount_fen for head in dear))
    parts = [(head.place, end - head.amount_fen, head.amount_fen) for head, end in zip(dear, ends, strict=True)]
    return {"whole": ends[-1] if ends else 0, "parts": parts}
