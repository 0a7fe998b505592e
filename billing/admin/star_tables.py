"""Star tables at the staff desk: one person proposes, the table is tried out on everybody, another puts it in force."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy

from accounts.models import StaffUser, StarInput, StarTable, StarTableState
from accounts.operations.star_tables import refuse_star_table
from accounts.queries.star_tables import get_star_table_of, list_bands, list_steps
from billing.admin.proposal_forms import RefusalForm
from billing.admin.star_table_forms import StarTableForm, initial_of
from billing.models import StarSimulation
from billing.operations.star_simulations import (
    EXAMPLES,
    approve_tried_star_table,
    propose_star_table_with_trial,
    start_star_simulation,
)
from billing.queries.star_simulations import get_newest_simulation, get_totals, list_examples, list_moves
from kernel.clock import month_of, now
from kernel.csv_export import Cell, csv_lines
from kernel.errors import DomainError, NotFound
from kernel.money import yuan_text
from kernel.read_only_admin import ReadOnlyAdmin, RelatedTable, instant_text, list_url, record_url, yuan_words

_SHOWN_EXAMPLES = 20
_EXAMPLE_COLUMNS = (
    gettext_lazy("numbers"),
    gettext_lazy("star now"),
    gettext_lazy("star then"),
    gettext_lazy("points now"),
    gettext_lazy("points then"),
    gettext_lazy("overdraft now"),
    gettext_lazy("overdraft then"),
)


@admin.register(StarTable)
class StarTableAdmin(ReadOnlyAdmin):
    """How customers are rated, with all that was ever proposed."""

    change_list_template = "admin/billing/proposals.html"
    change_form_template = "admin/billing/star_table.html"
    list_display = ("valid_from", "state", "words", "proposer", "proposed_at", "checker", "checked_at")
    list_filter = ("state",)
    shown = (
        "valid_from",
        "state",
        "words",
        "minimum_months",
        "looks_back_months",
        "valid_months",
        "proposer",
        "proposed_at",
        "checker",
        "checked_at",
        "refusal",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the tables with the names of both people."""

        def name_of(field: str) -> Subquery:
            return Subquery(StaffUser.objects.filter(id=OuterRef(field)).values("username"))

        rows = super().get_queryset(request)
        named = rows.annotate(proposer=name_of("proposed_by"), checker=name_of("checked_by"))
        return cast("QuerySet[Any]", named)

    @admin.display(description=gettext_lazy("proposed by"))
    def proposer(self, row: Any) -> str:
        """Who proposed it; the first one came with the software."""
        return row.proposer or "–"

    @admin.display(description=gettext_lazy("checked by"))
    def checker(self, row: Any) -> str:
        """Who put it in force or refused it."""
        return row.checker or "–"

    def get_urls(self) -> list[URLPattern]:
        """Add the pages on which staff act."""
        view = self.admin_site.admin_view
        return [
            path("propose/", view(self.propose_view), name="accounts_startable_propose"),
            path("<uuid:table_id>/decide/", view(self.decide_view), name="accounts_startable_decide"),
            path("<uuid:table_id>/try/", view(self.try_view), name="accounts_startable_try"),
            path("<uuid:table_id>/trial.csv", view(self.csv_view), name="accounts_startable_csv"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_propose = request.user.has_perm("accounts.propose_star_table")
        context = {
            "propose_url": self._url("propose") if may_propose else "",
            "propose_label": gettext("Propose a star table"),
        }
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def related_tables(self, row: StarTable) -> list[RelatedTable]:
        trial = get_newest_simulation(row.id)
        return [*_rules_tables(row), *(_trial_tables(trial) if trial else [])]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        trial = get_newest_simulation(row.id)
        context["trial"] = trial
        if row.state == StarTableState.PROPOSED:
            context["decide_url"] = self._url("decide", row.id) if self._may_check(request, row) else ""
            context["try_url"] = self._url("try", row.id) if self._may_try(request) else ""
        if trial and trial.finished_at:
            context["csv_url"] = self._url("csv", row.id)
        return super().render_change_form(request, context, *args, **kwargs)

    def propose_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a table, beginning with the one in force, show it once more, and have it tried out.

        :raises PermissionDenied: this person may not propose.
        """
        if not request.user.has_perm("accounts.propose_star_table"):
            raise PermissionDenied
        at = now()
        form = StarTableForm(request.POST or None, initial=_initial(at))
        context = {
            "form": form,
            "propose_label": gettext("Propose a star table"),
            "list_url": list_url(self),
            "question": gettext(
                "Is everything right? It is tried out on everybody, then somebody else has to check it."
            ),
        }
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "admin/billing/propose.html", **context)
        if "confirmed" not in request.POST:
            return self._page(request, "admin/billing/propose.html", **context, facts=_entered(form))
        try:
            table = propose_star_table_with_trial(
                rules=form.rules,
                words=form.cleaned_data["words"],
                request_key=form.cleaned_data["request_key"].hex,
                proposed_by=_staff_id(request),
                now=at,
            )
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(request, "admin/billing/propose.html", **context)
        messages.success(request, gettext("The table is being tried out, and waits for a second person."))
        return redirect(record_url(self, table))

    def decide_view(self, request: HttpRequest, table_id: Any) -> HttpResponse:
        """Show a table and its trial to the person who checks it, and put it in force or refuse it.

        :raises PermissionDenied: this person may not check it.
        :raises Http404: there is no such table.
        """
        table: Any = self._table(request, table_id)
        if not self._may_check(request, table):
            raise PermissionDenied
        refusing = "refuse" in request.POST
        form = RefusalForm(request.POST if refusing else None)
        if request.method == "POST" and ("approve" in request.POST or (refusing and form.is_valid())):
            staff_id = _staff_id(request)
            try:
                if refusing:
                    words = form.cleaned_data["refusal"]
                    refuse_star_table(table_id=table.id, checked_by=staff_id, refusal=words, now=now())
                    messages.success(request, gettext("The table is refused; nobody is rated by it."))
                else:
                    approve_tried_star_table(table_id=table.id, checked_by=staff_id, now=now())
                    messages.success(request, gettext("The table rates customers from its first month on."))
            except DomainError as refusal:
                messages.error(request, str(refusal))
            return redirect(record_url(self, table))
        trial = get_newest_simulation(table.id)
        return self._page(
            request,
            "admin/billing/decide.html",
            form=form,
            facts=[*_facts(table), *_trial_facts(trial), (gettext("proposed by"), self.proposer(table))],
            approve_label=gettext("Put it in force"),
            record_url=record_url(self, table),
        )

    def try_view(self, request: HttpRequest, table_id: Any) -> HttpResponse:
        """Have a table tried out once more.

        :raises PermissionDenied: this person may neither propose nor check tables.
        :raises Http404: there is no such table.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self._may_try(request):
            raise PermissionDenied
        table = self._table(request, table_id)
        start_star_simulation(table_id=table.id, asked_by=_staff_id(request), now=now())
        messages.success(request, gettext("The table is being tried out. Come back in a moment."))
        return redirect(record_url(self, table))

    def csv_view(self, request: HttpRequest, table_id: Any) -> HttpResponseBase:
        """Answer with accounts that would get another star, their numbers masked.

        :raises Http404: there is no such table, or it was not tried out, or this person may not see it.
        """
        table = self._table(request, table_id)
        trial = get_newest_simulation(table.id)
        if trial is None or not self.has_view_permission(request, table):
            raise Http404
        return StreamingHttpResponse(
            csv_lines(columns=[str(column) for column in _EXAMPLE_COLUMNS], rows=_example_cells(trial, EXAMPLES)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="stars-{table}.csv"'},
        )

    def _table(self, request: HttpRequest, table_id: Any) -> StarTable:
        row = self.get_object(request, str(table_id))
        if not isinstance(row, StarTable):
            raise Http404
        return row

    def _may_check(self, request: HttpRequest, table: StarTable) -> bool:
        return request.user.has_perm("accounts.check_star_table") and table.proposed_by != _staff_id(request)

    def _may_try(self, request: HttpRequest) -> bool:
        user = request.user
        return user.has_perm("accounts.propose_star_table") or user.has_perm("accounts.check_star_table")

    def _url(self, page: str, *key: Any) -> str:
        return reverse(f"{self.admin_site.name}:accounts_startable_{page}", args=key)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )


def _staff_id(request: HttpRequest) -> int:
    return int(request.user.pk or 0)


def _initial(at: Any) -> dict[str, Any]:
    month = month_of(at)
    try:
        return initial_of(get_star_table_of(month), month.next)
    except NotFound:
        return {"first_month": str(month.next)}


def _entered(form: StarTableForm) -> list[tuple[Any, str]]:
    """Return what is to be looked at once more."""
    return [(form.fields[name].label, form.data[name]) for name in form.fields if name != "request_key"]


def _facts(table: StarTable) -> list[tuple[Any, str]]:
    written = initial_of(table, table.first_month)
    labels = StarTableForm.base_fields
    return [*((labels[name].label, str(value)) for name, value in written.items()), (gettext("why"), table.words)]


def _trial_facts(trial: StarSimulation | None) -> list[tuple[Any, str]]:
    if trial is None or trial.finished_at is None:
        return [(gettext("trial"), gettext("not complete yet"))]
    totals = get_totals(trial)
    return [
        (gettext("trial"), instant_text(trial.finished_at)),
        (gettext("accounts"), str(trial.accounts)),
        (gettext("would go up"), str(totals.up)),
        (gettext("would go down"), str(totals.down)),
        (gettext("would stay"), str(totals.same)),
        (gettext("overdraft now, in all"), yuan_words(totals.overdraft_before_fen)),
        (gettext("overdraft at risk then, in all"), yuan_words(totals.overdraft_after_fen)),
        (gettext("used beyond what would be allowed"), yuan_words(totals.used_beyond_fen)),
    ]


def _rules_tables(table: StarTable) -> list[RelatedTable]:
    steps = list_steps(table.id)
    return [
        RelatedTable(
            gettext_lazy("Points"),
            (gettext_lazy("input"), gettext_lazy("from"), gettext_lazy("points")),
            [
                (name.label, yuan_words(step.at_least) if name == StarInput.SPEND else step.at_least, step.points)
                for name in StarInput
                for step in steps[name]
            ],
        ),
        RelatedTable(
            gettext_lazy("Stars"),
            (gettext_lazy("star"), gettext_lazy("points from"), gettext_lazy("overdraft")),
            [(band.star, band.least_points, yuan_words(band.overdraft_fen)) for band in list_bands(table.id)],
        ),
    ]


def _trial_tables(trial: StarSimulation) -> list[RelatedTable]:
    return [
        RelatedTable(gettext_lazy("Trial"), ("", ""), _trial_facts(trial)),
        RelatedTable(
            gettext_lazy("Who would move"),
            (
                gettext_lazy("star now"),
                gettext_lazy("star then"),
                gettext_lazy("accounts"),
                gettext_lazy("overdraft now"),
                gettext_lazy("overdraft then"),
            ),
            [
                (
                    move.before or "–",
                    move.after or "–",
                    move.accounts,
                    yuan_words(move.overdraft_before_fen),
                    yuan_words(move.overdraft_after_fen),
                )
                for move in list_moves(trial)
            ],
        ),
        RelatedTable(
            gettext_lazy("Examples"),
            _EXAMPLE_COLUMNS,
            [["–" if cell is None else cell for cell in row] for row in _example_cells(trial, _SHOWN_EXAMPLES)],
        ),
    ]


def _example_cells(trial: StarSimulation, limit: int) -> Iterable[list[Cell]]:
    for example in list_examples(trial, limit):
        yield [
            ", ".join(example.numbers),
            example.before,
            example.after,
            example.points_before,
            example.points_after,
            yuan_text(example.overdraft_before_fen),
            yuan_text(example.overdraft_after_fen),
        ]
