"""Detail records: what was used, when, by day and page by page, and as a file to take home."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, cast

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.web.signed_in import SignedInRequest
from accounts.web.step_up import Need, step_up_required
from kernel.clock import month_from_date, month_of, now, parse_month
from kernel.csv_export import Cell, csv_lines
from kernel.errors import NotFound
from kernel.ids import PublicId
from kernel.volume import volume_text
from packages_app.models import UsageKind
from packages_app.queries.usage_details import DetailFilter, DetailRecord, get_detail_page, iterate_details
from packages_app.queries.usage_fees import get_usage_fee

RECORDS_ON_A_PAGE = 50
_KINDS = (
    (UsageKind.DATA, pgettext_lazy("use", "Data")),
    (UsageKind.VOICE, pgettext_lazy("use", "Voice")),
    (UsageKind.SMS, pgettext_lazy("use", "Texts")),
)
# A number of a person is masked; a service's short number is no secret.
_LONGEST_SHORT_NUMBER = 7


class DetailForm(forms.Form):
    """Which records: the month, the kind, and a text to look for."""

    month = forms.ChoiceField(label=_("Month"))
    kind = forms.ChoiceField(label=_("Kind"), choices=_KINDS)
    q = forms.CharField(
        label=_("Look for"), help_text=_("an application, a region or a number"), required=False, max_length=40
    )

    def __init__(self, data: Any, *, at: datetime) -> None:
        this_month = month_of(at)
        given = {"month": str(this_month), "kind": UsageKind.DATA.value, **data}
        super().__init__(given)
        months = [this_month]
        while len(months) < settings.DETAIL_RECORD_MONTHS:
            months.append(months[-1].previous)
        cast("forms.ChoiceField", self.fields["month"]).choices = [(str(month), str(month)) for month in months]

    def wanted(self, request: SignedInRequest) -> DetailFilter:
        """Return what is asked for; once the form is valid."""
        return DetailFilter(
            account_id=request.line.account_id,
            line_id=request.line.id,
            month=parse_month(self.cleaned_data["month"]),
            usage_kind=UsageKind(self.cleaned_data["kind"]),
            search=self.cleaned_data["q"],
        )


@require_safe
@step_up_required(Need.BOTH)
def usage_details(request: SignedInRequest) -> HttpResponse:
    """Show one page of records by day; asked for a `fee`, those that it was charged for.

    :raises Http404: `older_at` is not an instant, or the visitor has no such fee.
    """
    form = DetailForm(_charged_in(request) or request.GET.dict(), at=now())
    if not form.is_valid():
        refusal = render(request, "packages_app/usage_details.html", {"form": form}, status=422)
        cast("Any", refusal).outcome = "PERIOD_INVALID"
        return refusal
    wanted = form.wanted(request)
    page = get_detail_page(wanted, limit=RECORDS_ON_A_PAGE, older_than=_older_than(request))
    asked = {"month": form.cleaned_data["month"], "kind": form.cleaned_data["kind"], "q": form.cleaned_data["q"]}
    path = reverse("packages:usage-details")
    older_url = ""
    if page.older_than:
        at, key = page.older_than
        older_url = f"{path}?{urlencode({**asked, 'older_at': at.isoformat(), 'older_key': key})}"
    context = {
        "form": form,
        "page": page,
        "amount_in_all": amount_words(wanted.usage_kind, page.amount_in_all),
        "days": [
            {"date": day, "rows": [_row(record, wanted.usage_kind) for record in records]}
            for day, records in groupby(page.records, key=lambda record: localtime(record.started_at).date())
        ],
        "older_url": older_url,
        "newest_url": f"{path}?{urlencode(asked)}" if "older_at" in request.GET else "",
        "export_url": f"{reverse('packages:usage-details-export')}?{urlencode(asked)}",
    }
    return render(request, "packages_app/usage_details.html", context)


@require_safe
@step_up_required(Need.BOTH, come_back="packages:usage-details")
def usage_details_export(request: SignedInRequest) -> HttpResponseBase:
    """Give all records that match as a CSV file, newest first, while they are read.

    :raises Http404: it is not said of which month and kind.
    """
    form = DetailForm(request.GET.dict(), at=now())
    if not form.is_valid():
        raise Http404
    wanted = form.wanted(request)
    lines = _lines(iterate_details(wanted), wanted.usage_kind, get_language())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="records-{wanted.month}-{wanted.usage_kind.value.lower()}.csv"'
    )
    response["Cache-Control"] = "private, no-store"
    return response


def amount_words(usage_kind: UsageKind, amount: int) -> str:
    """Return an amount of usage as people read it: "3.5 MB", "1 min 05 s", "2"."""
    if usage_kind == UsageKind.DATA:
        return volume_text(amount)
    if usage_kind == UsageKind.VOICE:
        return gettext("%(minutes)s min %(seconds)s s") % {"minutes": amount // 60, "seconds": f"{amount % 60:02d}"}
    return str(amount)


def _row(record: DetailRecord, usage_kind: UsageKind) -> dict[str, object]:
    return {
        "at": record.started_at,
        "amount": amount_words(usage_kind, record.amount),
        "words": " · ".join(word for word in (_masked(record.other_party), record.app, record.region) if word),
    }


def _masked(number: str) -> str:
    return number if len(number) <= _LONGEST_SHORT_NUMBER else f"{number[:3]}****{number[-4:]}"


def _lines(records: Iterator[DetailRecord], usage_kind: UsageKind, language: str) -> Iterator[bytes]:
    """Yield the file's lines in the visitor's language, also while the server sends them after the view has ended."""
    units = {
        UsageKind.DATA: _("Amount (bytes)"),
        UsageKind.VOICE: _("Amount (seconds)"),
        UsageKind.SMS: _("Amount (messages)"),
    }
    with override(language):
        yield from csv_lines(
            columns=[
                *(gettext("Time"), str(units[usage_kind]), gettext("Other party"), gettext("Application")),
                gettext("Region"),
            ],
            rows=(_cells(record) for record in records),
        )


def _cells(record: DetailRecord) -> list[Cell]:
    at = f"{localtime(record.started_at):%Y-%m-%d %H:%M:%S}"
    return [at, record.amount, _masked(record.other_party), record.app, record.region]


def _charged_in(request: SignedInRequest) -> dict[str, str]:
    """Return the month and kind of the fee that is asked about; nothing when none is."""
    if "fee" not in request.GET:
        return {}
    try:
        wanted = PublicId.parse(request.GET["fee"])
        fee = get_usage_fee(request.line.account_id, request.line.id, wanted.row_id)
    except (ValueError, NotFound):
        raise Http404 from None
    return {"month": str(month_from_date(fee.period_date)), "kind": fee.usage_kind}


def _older_than(request: SignedInRequest) -> tuple[datetime, str] | None:
    text = request.GET.get("older_at")
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if at.tzinfo is None:
        raise Http404
    return at, request.GET.get("older_key", "")
