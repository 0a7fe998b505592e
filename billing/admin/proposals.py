"""What one member of staff proposes, in two steps, and another carries out or refuses."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy

from accounts.models import Line, StaffUser
from accounts.queries.lines import get_line_by_msisdn
from accounts.web.named_line import number_of_named_line
from billing.admin.proposal_forms import ProposalForm, RefusalForm
from kernel.errors import DomainError, Text
from kernel.read_only_admin import AccountOwnedAdmin, record_url

Facts = list[tuple[Any, str]]


class ProposalAdmin(AccountOwnedAdmin):
    """Base of these pages. Proposals that wait stand first by their state; what was refused stays to be seen."""

    change_list_template = "admin/billing/proposals.html"
    change_form_template = "admin/billing/proposal.html"
    form_class: ClassVar[type[ProposalForm]]
    propose_permission: ClassVar[str]
    check_permission: ClassVar[str]
    propose_label: ClassVar[Text]
    approve_label: ClassVar[Text]
    approved: ClassVar[Text]

    def entered_facts(self, line: Line, form: Any) -> Facts:
        """Return what is to be looked at once more before it is proposed."""
        raise NotImplementedError

    def facts(self, row: Any) -> Facts:
        """Return what the second person has to see."""
        raise NotImplementedError

    def write_down(self, line: Line, form: Any, staff_id: int) -> Any:
        """Make the proposal and return it."""
        raise NotImplementedError

    def approve(self, row: Any, staff_id: int) -> None:
        """Carry the proposal out."""
        raise NotImplementedError

    def refuse(self, row: Any, staff_id: int, refusal: str) -> None:
        """Turn the proposal down."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows with the names of both people."""

        def name_of(field: str) -> Subquery:
            return Subquery(StaffUser.objects.filter(id=OuterRef(field)).values("username"))

        rows = super().get_queryset(request)
        named = rows.annotate(proposer=name_of("proposed_by"), checker=name_of("checked_by"))
        return cast("QuerySet[Any]", named)

    @admin.display(description=gettext_lazy("proposed by"))
    def proposer(self, row: Any) -> str:
        """Who proposed it."""
        return row.proposer or getattr(row, "proposed_client", "") or "–"

    @admin.display(description=gettext_lazy("checked by"))
    def checker(self, row: Any) -> str:
        """Who carried it out or refused it."""
        return row.checker or "–"

    def get_urls(self) -> list[URLPattern]:
        """Add the pages on which staff act."""
        view = self.admin_site.admin_view
        return [
            path("propose/", view(self.propose_view), name=self._url_name("propose")),
            path("<path:object_id>/decide/", view(self.decide_view), name=self._url_name("decide")),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_propose = request.user.has_perm(self.propose_permission)
        context = {"propose_url": self._url("propose") if may_propose else "", "propose_label": self.propose_label}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        if row.state == "PROPOSED" and self._may_check(request, row):
            context["decide_url"] = self._url("decide", f"{row.account_id},{row.id}")
        return super().render_change_form(request, context, *args, **kwargs)

    def propose_view(self, request: HttpRequest) -> HttpResponse:
        """Ask what is wanted, show it once more, then write the proposal down.

        :raises PermissionDenied: this person may not propose.
        """
        if not request.user.has_perm(self.propose_permission):
            raise PermissionDenied
        form = self.form_class(request.POST or None, initial={"msisdn": number_of_named_line(request)})
        context = {"form": form, "propose_label": self.propose_label, "list_url": self._url("changelist")}
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "admin/billing/propose.html", **context)
        try:
            line = get_line_by_msisdn(form.cleaned_data["msisdn"])
            if "confirmed" not in request.POST:
                return self._page(
                    request, "admin/billing/propose.html", **context, facts=self.entered_facts(line, form)
                )
            row = self.write_down(line, form, self._staff_id(request))
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(request, "admin/billing/propose.html", **context)
        messages.success(request, gettext("The proposal waits for a second person."))
        return redirect(record_url(self, row))

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a proposal to the person who checks it, and carry it out or refuse it.

        :raises PermissionDenied: this person may not check it.
        :raises Http404: there is no such proposal.
        """
        row: Any = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self._may_check(request, row):
            raise PermissionDenied
        refusing = "refuse" in request.POST
        form = RefusalForm(request.POST if refusing else None)
        if request.method == "POST" and (form.is_valid() if refusing else "approve" in request.POST):
            try:
                if refusing:
                    self.refuse(row, self._staff_id(request), form.cleaned_data["refusal"])
                    messages.success(request, gettext("The proposal is refused; nothing was moved."))
                else:
                    self.approve(row, self._staff_id(request))
                    messages.success(request, str(self.approved))
            except DomainError as refusal:
                messages.error(request, str(refusal))
            return redirect(record_url(self, row))
        return self._page(
            request,
            "admin/billing/decide.html",
            form=form,
            facts=[*self.facts(row), (gettext("proposed by"), self.proposer(row))],
            approve_label=self.approve_label,
            record_url=record_url(self, row),
        )

    def _may_check(self, request: HttpRequest, row: Any) -> bool:
        own = row.proposed_by == self._staff_id(request)
        return request.user.has_perm(self.check_permission) and not own

    def _url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _url(self, page: str, *key: str) -> str:
        return reverse(f"{self.admin_site.name}:{self._url_name(page)}", args=key)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )

    @staticmethod
    def _staff_id(request: HttpRequest) -> int:
        """Return the id of who is signed in; `admin_view` lets nobody else in."""
        return int(request.user.pk or 0)
