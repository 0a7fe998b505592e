"""E-invoices at the staff desk: requests are handed over in a file, and what came of them is written down."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.admin.acting import ActingAdmin, RecordAction, staff_of
from billing.admin.e_invoice_forms import COLUMNS, IssuedForm, RefusedForm, ResultsForm
from billing.models import EInvoice, EInvoiceBatch, EInvoiceState
from billing.operations.e_invoice_results import export_e_invoices, settle_e_invoices
from billing.queries.e_invoice_results import PROBLEM_WORDS, PlannedResult, plan_results
from billing.queries.e_invoices import count_waiting_e_invoices, iterate_batch
from kernel.clock import now
from kernel.csv_export import Cell, csv_lines
from kernel.errors import DomainError
from kernel.ids import PublicId
from kernel.money import yuan_text
from kernel.read_only_admin import (
    ReadOnlyAdmin,
    list_url,
    masked_number_column,
    number_column,
    record_url,
    yuan_column,
    yuan_words,
)

_amount = yuan_column("amount_fen", _("amount"))
_total = yuan_column("total_fen", _("sum"))
_SHOWN_PROBLEMS = 50


@admin.register(EInvoice)
class EInvoiceAdmin(ActingAdmin):
    """What customers asked for, and how far it is."""

    change_list_template = "admin/billing/e_invoices.html"
    list_display = (
        "requested_at",
        masked_number_column("msisdn", _("number")),
        "subject_key",
        _amount,
        "buyer_kind",
        "state",
        "invoice_number",
    )
    list_filter = ("state", "buyer_kind")
    newest_by = "requested_at"
    action_names = ("issued", "refused")
    shown = (
        "account",
        number_column("msisdn", _("number")),
        "subject_key",
        "top_up_account_id",
        _amount,
        "buyer_kind",
        "buyer_name",
        "taxpayer_number",
        "email",
        "state",
        "requested_at",
        "batch_id",
        "exported_at",
        "invoice_number",
        "refusal",
        "finished_by",
        "finished_at",
        "public_id",
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that work on many at once."""
        view = self.admin_site.admin_view
        return [
            path("export/", view(self.export), name="billing_einvoice_export"),
            path("results/", view(self.results), name="billing_einvoice_results"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {
            "may_export": request.user.has_perm("billing.export_e_invoices"),
            "may_settle": request.user.has_perm("billing.settle_e_invoices"),
        }
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def record_actions(self, request: HttpRequest, row: EInvoice) -> list[RecordAction]:
        if row.state != EInvoiceState.EXPORTED or not request.user.has_perm("billing.settle_e_invoices"):
            return []
        return [
            RecordAction("issued", _("It was issued"), asks_first=True),
            RecordAction("refused", _("It could not be issued"), asks_first=True),
        ]

    def act_on(self, request: HttpRequest, row: EInvoice, name: str) -> HttpResponse:
        form_class = IssuedForm if name == "issued" else RefusedForm
        form = form_class(request.POST or None)
        if request.method == "POST" and form.is_valid():
            result = form.result(str(PublicId(row.account_id, row.id)))
            try:
                settle_e_invoices(results=[result], finished_by=staff_of(request).get_username(), now=now())
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, gettext("It is written down; the customer is told by text."))
                return redirect(record_url(self, row))
        facts = [
            (_("title of the invoice"), row.buyer_name),
            (_("of what"), row.subject_key),
            (_("amount"), yuan_words(row.amount_fen)),
        ]
        title = _("It was issued") if name == "issued" else _("It could not be issued")
        context = {"title": title, "form": form, "facts": facts, "back_url": record_url(self, row)}
        return self._page(request, "admin/billing/e_invoice_outcome.html", form_is_wrong=bool(form.errors), **context)

    def export(self, request: HttpRequest) -> HttpResponse:
        """Say how many wait, then hand them over in one file.

        :raises PermissionDenied: this person may not.
        """
        if not request.user.has_perm("billing.export_e_invoices"):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(
                request,
                "admin/billing/e_invoice_export.html",
                title=_("Hand over requests"),
                waiting=count_waiting_e_invoices(),
                back_url=list_url(self),
            )
        try:
            batch = export_e_invoices(made_by=staff_of(request).get_username(), now=now())
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect(list_url(self))
        messages.success(request, gettext("The file is ready: %(count)d requests.") % {"count": batch.count})
        return redirect(record_url(self.admin_site.get_model_admin(EInvoiceBatch), batch))

    def results(self, request: HttpRequest) -> HttpResponse:
        """Read a file of results, show what it would do, and do it once that is confirmed.

        :raises PermissionDenied: this person may not.
        """
        if not request.user.has_perm("billing.settle_e_invoices"):
            raise PermissionDenied
        form = ResultsForm(request.POST or None, request.FILES or None)
        if request.method != "POST" or not form.is_valid():
            return self._results_page(request, form)
        results = form.cleaned_data["results"]
        if "confirmed" not in request.POST:
            return self._results_page(request, form, plan_results(results))
        try:
            done = settle_e_invoices(results=results, finished_by=staff_of(request).get_username(), now=now())
        except DomainError:
            return self._results_page(request, form, plan_results(results))
        counts = {"issued": done.issued, "refused": done.refused, "repeated": done.repeated}
        words = gettext("Written down: %(issued)d issued, %(refused)d refused, %(repeated)d as before.")
        messages.success(request, words % counts)
        return redirect(list_url(self))

    def _results_page(
        self, request: HttpRequest, form: ResultsForm, plans: Sequence[PlannedResult] | None = None
    ) -> HttpResponse:
        wrong = [plan for plan in plans or () if plan.problem]
        new = [plan for plan in plans or () if not plan.repeated and not plan.problem]
        issued = sum(plan.result.state == EInvoiceState.ISSUED for plan in new)
        return self._page(
            request,
            "admin/billing/e_invoice_results.html",
            title=_("Read in results"),
            form=form,
            form_is_wrong=bool(form.errors or wrong),
            columns=", ".join(COLUMNS),
            planned=plans is not None,
            content=form.cleaned_data.get("content", "") if plans is not None else "",
            issued=issued,
            refused=len(new) - issued,
            repeated=sum(plan.repeated for plan in plans or ()),
            wrong_count=len(wrong),
            wrong=[(plan.result, PROBLEM_WORDS[plan.problem]) for plan in wrong[:_SHOWN_PROBLEMS] if plan.problem],
            back_url=list_url(self),
        )

    def _page(
        self, request: HttpRequest, template: str, *, form_is_wrong: bool = False, **context: Any
    ) -> HttpResponse:
        everywhere = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, template, {**everywhere, **context}, status=422 if form_is_wrong else 200)


@admin.register(EInvoiceBatch)
class EInvoiceBatchAdmin(ReadOnlyAdmin):
    """Requests that were handed over in one file, which may be fetched again."""

    change_form_template = "admin/billing/e_invoice_batch.html"
    list_display = ("made_at", "made_by", "count", _total)
    shown = ("id", "made_at", "made_by", "count", _total)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.csv)
        return [path("<path:object_id>/csv/", view, name="billing_einvoicebatch_csv"), *super().get_urls()]

    def csv(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Answer with the file.

        :raises Http404: there is no such file, or this person may not hand over requests.
        """
        batch = self.get_object(request, object_id)
        if not isinstance(batch, EInvoiceBatch) or not request.user.has_perm("billing.export_e_invoices"):
            raise Http404
        columns = [
            *(COLUMNS[0], gettext("asked for at"), gettext("of what"), gettext("amount (yuan)"), gettext("issued to")),
            *(gettext("title of the invoice"), gettext("taxpayer number"), gettext("e-mail")),
        ]
        name = f"e-invoices-{localtime(batch.made_at):%Y%m%d-%H%M%S}.csv"
        return StreamingHttpResponse(
            csv_lines(columns=columns, rows=map(_csv_row, iterate_batch(batch.id))),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if request.user.has_perm("billing.export_e_invoices"):
            name = f"{self.admin_site.name}:billing_einvoicebatch_csv"
            context["csv_url"] = reverse(name, args=[context["original"].pk])
        return super().render_change_form(request, context, *args, **kwargs)


def _csv_row(row: EInvoice) -> tuple[Cell, ...]:
    return (
        str(PublicId(row.account_id, row.id)),
        f"{localtime(row.requested_at):%Y-%m-%d %H:%M:%S}",
        row.subject_key,
        Decimal(yuan_text(row.amount_fen)),
        row.buyer_kind,
        row.buyer_name,
        row.taxpayer_number,
        row.email,
    )
