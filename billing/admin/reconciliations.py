"""Reports of reconciliation at the staff desk, and each as CSV."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from billing.admin.reconcile_form import ReconcileForm
from billing.admin.ways import way_column, way_text
from billing.gateways.base import Movement
from billing.models import Reconciliation, ReconciliationDifference
from billing.operations.reconcile_payments import DayNotOver, reconcile_payments
from billing.queries.reconciliations import list_all_differences, list_days_to_reconcile, list_differences
from kernel.clock import now
from kernel.csv_export import Cell, csv_lines
from kernel.errors import DomainError
from kernel.money import yuan_text
from kernel.read_only_admin import ReadOnlyAdmin, RelatedTable, record_url, yuan_column, yuan_words

_SHOWN_DIFFERENCES = 200
_MOVEMENTS = {Movement.PAYMENT: _("payment"), Movement.REFUND: _("refund")}
_COLUMNS = (
    _("difference"),
    _("movement"),
    _("our number"),
    _("provider's number"),
    _("our amount"),
    _("their amount"),
    _("our state"),
)


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    """One day held against a provider's file."""

    change_form_template = "admin/billing/reconciliation.html"
    change_list_template = "admin/billing/reconciliations.html"
    list_display = ("day_date", way_column, "our_count", "their_count", "difference_count", "made_at")
    list_filter = ("provider",)
    shown = (
        way_column,
        "day_date",
        "made_at",
        "file_name",
        "file_sha256",
        "our_count",
        yuan_column("our_fen", _("sum in our books")),
        "their_count",
        yuan_column("their_fen", _("sum in the file")),
        "difference_count",
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.csv)
        return [
            path("reconcile/", self.admin_site.admin_view(self.reconcile), name="billing_reconciliation_reconcile"),
            path("<path:object_id>/csv/", view, name="billing_reconciliation_csv"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {
            "may_reconcile": request.user.has_perm("billing.reconcile_payments"),
            "days_to_reconcile": list_days_to_reconcile(settings.PAYMENT_PROVIDER, now=now()),
        }
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def reconcile(self, request: HttpRequest) -> HttpResponse:
        """Ask for a day and the provider's file of it, and lead to the report.

        :raises PermissionDenied: this person may not.
        """
        if not request.user.has_perm("billing.reconcile_payments"):
            raise PermissionDenied
        form = ReconcileForm(request.POST or None, request.FILES or None, initial={"day": request.GET.get("day")})
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                report = reconcile_payments(
                    provider=form.provider,
                    day=form.cleaned_data["day"],
                    content=file.read(),
                    file_name=file.name,
                    now=now(),
                )
            except DomainError as refusal:
                form.add_error("day" if isinstance(refusal, DayNotOver) else "file", str(refusal))
            else:
                return redirect(record_url(self, report))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Reconcile a day"),
            "form": form,
            "provider": way_text(form.provider),
        }
        return render(request, "admin/billing/reconcile.html", context, status=422 if form.errors else 200)

    def csv(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Answer with every difference of a report.

        :raises Http404: there is no such report, or this person may not see it.
        """
        report = self.get_object(request, object_id)
        if not isinstance(report, Reconciliation) or not self.has_view_permission(request, report):
            raise Http404
        rows = (_csv_row(difference) for difference in list_all_differences(report.id))
        columns = [str(column) for column in (*_COLUMNS, _("account"))]
        return StreamingHttpResponse(
            csv_lines(columns=columns, rows=rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{report.provider}-{report.day_date}.csv"'},
        )

    def related_tables(self, row: Reconciliation) -> list[RelatedTable]:
        more = _("the first %(count)s differences; the CSV file has all") % {"count": _SHOWN_DIFFERENCES}
        title = more if row.difference_count > _SHOWN_DIFFERENCES else _("differences")
        return [
            RelatedTable(title, _COLUMNS, [_page_row(found) for found in list_differences(row.id, _SHOWN_DIFFERENCES)])
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["csv_url"] = reverse(
            f"{self.admin_site.name}:billing_reconciliation_csv", args=[context["original"].pk]
        )
        return super().render_change_form(request, context, *args, **kwargs)


def _page_row(found: ReconciliationDifference) -> tuple[object, ...]:
    return (
        found.get_kind_display(),
        _MOVEMENTS[Movement(found.movement)],
        found.number,
        found.provider_number or "–",
        "–" if found.our_fen is None else yuan_words(found.our_fen),
        "–" if found.their_fen is None else yuan_words(found.their_fen),
        found.our_state or "–",
    )


def _csv_row(found: ReconciliationDifference) -> tuple[Cell, ...]:
    return (
        found.kind,
        found.movement,
        found.number,
        found.provider_number,
        None if found.our_fen is None else Decimal(yuan_text(found.our_fen)),
        None if found.their_fen is None else Decimal(yuan_text(found.their_fen)),
        found.our_state,
        str(found.account_id or ""),
    )
