"""Bills: the list, and one bill by its seven heads."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from billing.queries.bills import BillView, get_bill, list_bills
from kernel.clock import parse_month
from kernel.errors import NotFound


@require_safe
@line_required
def bills(request: SignedInRequest) -> HttpResponse:
    """List the bills of the last months."""
    found = list_bills(request.line.account_id, settings.BILL_HISTORY_MONTHS)
    most_fen = max((bill.total_fen for bill in found), default=0)
    return render(request, "billing/bills.html", {"bills": found, "most_fen": most_fen})


@require_safe
@line_required
def latest_bill(request: SignedInRequest) -> HttpResponse:
    """Show the newest bill, or that there is none yet."""
    newest = next(iter(list_bills(request.line.account_id, 1)), None)
    if newest is None:
        return render(request, "billing/bills.html", {"bills": []})
    return render(request, "billing/bill.html", _context(get_bill(request.line.account_id, newest.month)))


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
    return render(request, "billing/bill.html", _context(found))


def _context(found: BillView) -> dict[str, Any]:
    """Return the bill and the stretch of each head along the bar, in fen from its left end."""
    starts = [sum(head.amount_fen for head in found.heads[:place]) for place in range(len(found.heads))]
    return {"bill": found, "shares": list(zip(found.heads, starts, strict=True))}
