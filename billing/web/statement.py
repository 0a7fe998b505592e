"""What moved in the wallet, page by page."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from billing.queries.balance import get_balance
from billing.queries.statement import get_statement

ENTRIES_ON_A_PAGE = 20


@require_safe
@line_required
def statement(request: SignedInRequest) -> HttpResponse:
    """Show one page of movements, newest first.

    :raises Http404: `older_than` is not a version.
    """
    account_id = request.line.account_id
    page = get_statement(account_id, limit=ENTRIES_ON_A_PAGE, older_than=_version(request.GET.get("older_than")))
    path = reverse("billing:statement")
    older_url = f"{path}?{urlencode({'older_than': page.older_than})}" if page.older_than else ""
    newest_url = path if "older_than" in request.GET else ""
    context = {"statement": page, "balance": get_balance(account_id), "older_url": older_url, "newest_url": newest_url}
    return render(request, "billing/statement.html", context)


def _version(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Http404
    return int(text)
