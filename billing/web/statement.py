"""What moved in the wallet: page by page, and as a file to take home."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, override, pgettext
from django.views.decorators.http import require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from billing.queries.balance import get_balance
from billing.queries.statement import StatementEntry, get_statement, iterate_statement
from billing.web.statement_forms import PeriodForm
from kernel.clock import now
from kernel.csv_export import csv_lines
from kernel.money import yuan_text
from kernel.phone import grouped_number

ENTRIES_ON_A_PAGE = 20


@require_safe
@line_required
def statement(request: SignedInRequest) -> HttpResponse:
    """Show one page of movements, newest first.

    :raises Http404: `older_than` is not a version.
    """
    return _page(request, PeriodForm(now=now()))


@require_safe
@line_required
def statement_export(request: SignedInRequest) -> HttpResponseBase:
    """Give the movements of some months as a CSV file, newest first, while they are read."""
    form = PeriodForm(request.GET, now=now())
    if not form.is_valid():
        refusal = _page(request, form, status=422)
        cast("Any", refusal).outcome = "PERIOD_INVALID"
        return refusal
    first, last = form.months
    entries = iterate_statement(request.line.account_id, starts_at=first.starts_at, ends_at=last.ends_at)
    response = StreamingHttpResponse(_lines(entries, get_language()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="statement-{first}-{last}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _page(request: SignedInRequest, period: PeriodForm, status: int = 200) -> HttpResponse:
    account_id = request.line.account_id
    page = get_statement(account_id, limit=ENTRIES_ON_A_PAGE, older_than=version_in(request.GET.get("older_than")))
    path = reverse("billing:statement")
    context = {
        "statement": page,
        "balance": get_balance(account_id),
        "older_url": f"{path}?{urlencode({'older_than': page.older_than})}" if page.older_than else "",
        "newest_url": path if "older_than" in request.GET else "",
        "period": period,
        "form": period,
    }
    return render(request, "billing/statement.html", context, status=status)


def _lines(entries: Iterator[StatementEntry], language: str) -> Iterator[bytes]:
    """Yield the file's lines in the visitor's language, also while the server sends them after the view has ended."""
    with override(language):
        yield from csv_lines(
            columns=[
                *(
                    pgettext("of an entry", "Number"),
                    gettext("Time"),
                    gettext("What for"),
                    gettext("Phone number"),
                    gettext("Money"),
                ),
                *(gettext("Amount (yuan)"), gettext("Balance of it after (yuan)")),
            ],
            rows=(
                (
                    entry.version,
                    f"{localtime(entry.posted_at):%Y-%m-%d %H:%M:%S}",
                    entry.title,
                    grouped_number(entry.msisdn) if entry.msisdn else "",
                    str(entry.bucket.label),
                    Decimal(yuan_text(entry.amount_fen)),
                    Decimal(yuan_text(entry.after_fen)),
                )
                for entry in entries
            ),
        )


def version_in(text: str | None) -> int | None:
    """Return the version that an address names, below which a list goes on; None begins with the newest.

    :raises Http404: it is no version.
    """
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Http404
    return int(text)
