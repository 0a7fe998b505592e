"""What staff looked at and did, for auditors: searched by number, member of staff and day, and as a file."""

import itertools
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffTrace
from kernel.csv_export import Cell, csv_lines
from kernel.masking import mask_msisdn
from kernel.phone import NumberInvalid, parse_msisdn
from kernel.read_only_admin import AccountOwnedAdmin, NumberBook

_MOST_EXPORTED = 50_000
_CHUNK = 2_000
# What the last part of a page's name means; others stand as they are.
_PARTS = {
    "changelist": _("list"),
    "change": _("record"),
    "csv": _("file"),
    "export": _("file"),
    "import": _("file brought in"),
    "add": _("new record"),
    "propose": _("proposal"),
    "decide": _("decision"),
    "start": _("order started"),
    "proof": _("proof"),
    "refund": _("money given back"),
    "approve": _("agreed"),
    "reject": _("refused"),
    "ask": _("payment provider asked"),
    "open_line": _("number opened"),
    "change_number": _("number changed"),
    "hand_over": _("handed over"),
    "resend": _("sent again"),
    "end_all": _("signed out everywhere"),
    "reset": _("reset"),
}
# Pages that are of no table.
_PAGES = {
    "line": _("All on one page"),
    "search": _("Search"),
    "figures": _("Figures"),
    "reveal_customer": _("All on one page"),
    "end_all_sign_ins": _("Sign this number out everywhere"),
    "password": _("password"),
    "password_locked": _("password, locked"),
    "second_factor": _("second factor"),
    "logout": _("desk"),
}
_COLUMNS = (
    *(_("at"), _("staff member"), _("what"), _("outcome"), _("page"), _("number"), _("account"), _("record")),
    *(_("customers' rows shown"), _("fields sent"), _("reason"), _("from address")),
)


@admin.register(StaffTrace)
class StaffTraceAdmin(AccountOwnedAdmin):
    """Traces: nobody changes them. Words of a search narrow it one after the other."""

    change_list_template = "admin/accounts/staff_traces.html"
    list_display = ("at", "username", "kind", "page_name", "numbers", "rows_shown", "outcome", "reason")
    list_filter = ("kind", "outcome")
    ordering = ("-id",)
    search_help_text = _("Phone number or account id, user name, day such as 2026-11-22; several narrow the search")
    shown = (
        *("at", "username", "kind", "outcome", "page_name", "page", "account_id", "line_id", "row_key"),
        *("count", "sent", "reason", "address"),
    )

    @admin.display(description=_("page"))
    def page_name(self, trace: StaffTrace) -> str:
        """The page as the desk calls it."""
        return _name_of(trace.page, self._pages())

    @admin.display(description=_("rows"))
    def rows_shown(self, trace: StaffTrace) -> str:
        """How many rows of customers a list showed."""
        return str(trace.count or "–")

    def search(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        try:
            parse_msisdn(term)
        except NumberInvalid:
            for word in term.split():
                rows = self._narrow(rows, word)
            return rows
        return super().search(rows, term)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.csv)
        return [path("csv/", view, name="accounts_stafftrace_csv"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "csv_query": request.GET.urlencode()})

    def csv(self, request: HttpRequest) -> HttpResponseBase:
        """Give the list as it is filtered as a file, with masked numbers.

        :raises PermissionDenied: this person may not look at traces.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_changelist_instance(request).get_queryset(request)
        rows = itertools.islice(found.iterator(chunk_size=_CHUNK), _MOST_EXPORTED)
        return StreamingHttpResponse(
            csv_lines(columns=[str(column) for column in _COLUMNS], rows=self._cells(rows)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="staff-traces.csv"'},
        )

    def _narrow(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        """Return the rows of a day, an account, a number or a member of staff."""
        try:
            start = datetime.combine(date.fromisoformat(word), time.min, get_current_timezone())
        except ValueError:
            pass
        else:
            return rows.filter(at__gte=start, at__lt=start + timedelta(days=1))
        for read in (uuid.UUID, parse_msisdn):
            try:
                read(word)
            except (ValueError, NumberInvalid):
                continue
            return super().search(rows, word)
        return rows.filter(username=word)

    def _cells(self, rows: Iterable[StaffTrace]) -> Iterator[list[Cell]]:
        book, pages = cast("NumberBook", self.admin_site), self._pages()
        rest = iter(rows)
        while chunk := list(itertools.islice(rest, _CHUNK)):
            numbers = book.numbers_of_accounts({trace.account_id for trace in chunk if trace.account_id})
            for trace in chunk:
                yield _row(trace, _name_of(trace.page, pages), numbers.get(trace.account_id or uuid.UUID(int=0), ()))

    def _pages(self) -> dict[str, str]:
        """Return what the desk calls its questions by their pages' names, and its tables by the beginning of theirs."""
        found = {}
        for page in self.admin_site._registry.values():
            start, name = f"{page.opts.app_label}_{page.opts.model_name}_", str(page.opts.verbose_name_plural)
            found[start] = name
            for question in getattr(page, "questions", ()):
                found[f"{start}{question.name.replace('-', '_')}"] = f"{name} · {question.label}"
        return found


def _name_of(page: str, pages: Mapping[str, str]) -> str:
    if page in pages:
        return pages[page]
    start = next((start for start in pages if page.startswith(start)), "")
    if not start:
        return str(_PAGES.get(page, page))
    part = page.removeprefix(start)
    return f"{pages[start]} · {_PARTS.get(part, part)}"


def _row(trace: StaffTrace, page: str, numbers: Sequence[str]) -> list[Cell]:
    return [
        f"{localtime(trace.at):%Y-%m-%d %H:%M:%S}",
        trace.username,
        trace.get_kind_display(),
        trace.get_outcome_display(),
        page,
        " ".join(mask_msisdn(number) for number in numbers),
        str(trace.account_id or ""),
        trace.row_key,
        trace.count,
        trace.sent,
        trace.reason,
        trace.address,
    ]
