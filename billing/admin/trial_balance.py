"""The trial balance at the staff desk: a page below the ledger's list, and the same as CSV."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from billing.admin.day_widget import DAY_WIDGET
from billing.queries.trial_balance import TrialBalance, get_trial_balance
from billing.queries.trial_balance_table import COLUMNS, SUM_COLUMNS, list_cells, list_counterparts, list_sums
from kernel.clock import now
from kernel.csv_export import csv_lines
from kernel.errors import DomainError


class DaysForm(forms.Form):
    """Which closed days, and whether the whole history is added up besides."""

    first_date = forms.DateField(label=_("First day"), widget=DAY_WIDGET)
    last_date = forms.DateField(label=_("Last day"), widget=DAY_WIDGET)
    prove = forms.BooleanField(label=_("Prove it over the whole history"), required=False)


def trial_balance_page(request: HttpRequest, page: admin.ModelAdmin) -> HttpResponseBase:
    """Show the trial balance of some days, yesterday's at first; or give it as a file.

    :param page: the ledger's page, below whose list it stands.
    :raises PermissionDenied: this person may not read it.
    """
    if not request.user.has_perm("billing.read_trial_balance"):
        raise PermissionDenied
    yesterday = localtime(now()).date() - timedelta(days=1)
    form = DaysForm(request.GET if "first_date" in request.GET else {"first_date": yesterday, "last_date": yesterday})
    balance = _balance(form)
    if balance and "csv" in request.GET:
        return _file(balance)
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": _("Trial balance"),
        "form": form,
    }
    if balance:
        context |= {
            "balance": balance,
            "columns": COLUMNS,
            "rows": list(list_cells(balance)),
            "counterparts": list(list_counterparts(balance)),
            "sum_columns": SUM_COLUMNS,
            "sums": list(list_sums(balance)),
        }
    return render(request, "admin/billing/trial_balance.html", context, status=422 if form.errors else 200)


def _balance(form: DaysForm) -> TrialBalance | None:
    if not form.is_valid():
        return None
    try:
        return get_trial_balance(
            first_date=form.cleaned_data["first_date"],
            last_date=form.cleaned_data["last_date"],
            prove=form.cleaned_data["prove"],
            now=now(),
        )
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None


def _file(balance: TrialBalance) -> HttpResponseBase:
    name = f"trial-balance-{balance.first_date}-{balance.last_date}.csv"
    return StreamingHttpResponse(
        csv_lines(columns=[str(column) for column in COLUMNS], rows=list_cells(balance)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
