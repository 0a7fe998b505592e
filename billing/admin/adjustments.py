"""Corrections of wallets at the staff desk: one person proposes in two steps, another posts or refuses."""

import uuid
from typing import Any, TypedDict, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffUser
from accounts.queries.lines import get_line_by_msisdn
from billing.admin.adjustment_forms import ProposalForm, RefusalForm
from billing.models import Adjustment, AdjustmentReason, AdjustmentState
from billing.operations.adjustments import approve_adjustment, propose_adjustment, refuse_adjustment
from kernel.clock import now
from kernel.errors import DomainError
from kernel.phone import grouped_number
from kernel.read_only_admin import (
    AccountOwnedAdmin,
    masked_number_column,
    number_column,
    record_url,
    yuan_column,
    yuan_words,
)

_amount = yuan_column("amount_fen", _("amount"))


class _Check(TypedDict):
    """Which proposal is decided by whom."""

    account_id: uuid.UUID
    adjustment_id: uuid.UUID
    checked_by: int


@admin.register(Adjustment)
class AdjustmentAdmin(AccountOwnedAdmin):
    """Proposals that wait stand first by their state; what was refused stays to be seen."""

    change_list_template = "admin/billing/adjustments.html"
    change_form_template = "admin/billing/adjustment.html"
    list_display = (
        "proposed_at",
        masked_number_column("msisdn", _("number")),
        _amount,
        "reason",
        "state",
        "proposer",
        "checker",
    )
    list_filter = ("state", "reason")
    shown = (
        "account",
        number_column("msisdn", _("number")),
        _amount,
        "reason",
        "words",
        "state",
        "proposer",
        "proposed_at",
        "checker",
        "checked_at",
        "refusal",
        "public_id",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Adjustment]:
        """Return the rows with the names of both people."""

        def name_of(field: str) -> Subquery:
            return Subquery(StaffUser.objects.filter(id=OuterRef(field)).values("username"))

        rows = super().get_queryset(request)
        named = rows.annotate(proposer=name_of("proposed_by"), checker=name_of("checked_by"))
        return cast("QuerySet[Adjustment]", named)

    @admin.display(description=_("proposed by"))
    def proposer(self, row: Any) -> str:
        """Who proposed it."""
        return row.proposer or "–"

    @admin.display(description=_("checked by"))
    def checker(self, row: Any) -> str:
        """Who posted or refused it."""
        return row.checker or "–"

    def get_urls(self) -> list[URLPattern]:
        """Add the pages on which staff act."""
        view = self.admin_site.admin_view
        return [
            path("propose/", view(self.propose), name="billing_adjustment_propose"),
            path("<path:object_id>/decide/", view(self.decide), name="billing_adjustment_decide"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_propose = request.user.has_perm("billing.propose_adjustment")
        return super().changelist_view(request, {**(extra_context or {}), "may_propose": may_propose})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        if row.state == AdjustmentState.PROPOSED and self._may_check(request, row):
            context["decide_url"] = self._decide_url(row)
        return super().render_change_form(request, context, *args, **kwargs)

    def propose(self, request: HttpRequest) -> HttpResponse:
        """Ask what is to be corrected, show it once more, then write the proposal down.

        :raises PermissionDenied: this person may not propose.
        """
        if not request.user.has_perm("billing.propose_adjustment"):
            raise PermissionDenied
        form = ProposalForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "admin/billing/propose_adjustment.html", form=form)
        entered = form.cleaned_data
        try:
            line = get_line_by_msisdn(entered["msisdn"])
            if "confirmed" not in request.POST:
                facts = self._facts(line.msisdn, form.signed_fen, entered["reason"], entered["words"])
                return self._page(request, "admin/billing/propose_adjustment.html", form=form, facts=facts)
            adjustment = propose_adjustment(
                account_id=line.account_id,
                line_id=line.id,
                amount_fen=form.signed_fen,
                reason=AdjustmentReason(entered["reason"]),
                words=entered["words"],
                request_key=entered["request_key"].hex,
                proposed_by=self._staff_id(request),
                now=now(),
            )
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(request, "admin/billing/propose_adjustment.html", form=form)
        messages.success(request, gettext("The proposal waits for a second person."))
        return redirect(record_url(self, adjustment))

    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a proposal to the person who checks it, and post or refuse it.

        :raises PermissionDenied: this person may not check it.
        :raises Http404: there is no such adjustment.
        """
        adjustment = self.get_object(request, object_id)
        if not isinstance(adjustment, Adjustment):
            raise Http404
        if not self._may_check(request, adjustment):
            raise PermissionDenied
        refusing = "refuse" in request.POST
        form = RefusalForm(request.POST if refusing else None)
        if request.method == "POST" and ("approve" in request.POST or (refusing and form.is_valid())):
            who = _Check(
                account_id=adjustment.account_id, adjustment_id=adjustment.id, checked_by=self._staff_id(request)
            )
            try:
                if refusing:
                    refuse_adjustment(**who, refusal=form.cleaned_data["refusal"], now=now())
                    messages.success(request, gettext("The proposal is refused; nothing was moved."))
                else:
                    approve_adjustment(**who, now=now())
                    messages.success(request, gettext("The adjustment is posted; the customer is told by text."))
            except DomainError as refusal:
                messages.error(request, str(refusal))
            return redirect(record_url(self, adjustment))
        facts = self._facts(adjustment.msisdn, adjustment.amount_fen, adjustment.reason, adjustment.words)
        return self._page(
            request,
            "admin/billing/decide_adjustment.html",
            form=form,
            facts=[*facts, (_("proposed by"), self.proposer(adjustment))],
            record_url=record_url(self, adjustment),
        )

    def _may_check(self, request: HttpRequest, adjustment: Adjustment) -> bool:
        own = adjustment.proposed_by == self._staff_id(request)
        return request.user.has_perm("billing.check_adjustment") and not own

    def _decide_url(self, adjustment: Adjustment) -> str:
        return reverse(
            f"{self.admin_site.name}:billing_adjustment_decide", args=[f"{adjustment.account_id},{adjustment.id}"]
        )

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )

    @staticmethod
    def _staff_id(request: HttpRequest) -> int:
        """Return the id of who is signed in; `admin_view` lets nobody else in."""
        return int(request.user.pk or 0)

    @staticmethod
    def _facts(msisdn: str, amount_fen: int, reason: str, words: str) -> list[tuple[Any, str]]:
        sign = "+" if amount_fen > 0 else ""
        return [
            (_("number"), grouped_number(msisdn)),
            (_("amount"), f"{sign}{yuan_words(amount_fen)}"),
            (_("reason"), str(AdjustmentReason(reason).label)),
            (_("in words"), words),
        ]
