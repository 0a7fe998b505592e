"""Refunds at the staff desk: asked for on the page of a top-up, approved or rejected here by somebody else."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from billing.admin.acting import ActingAdmin, RecordAction, staff_of
from billing.models import Refund, RefundState
from billing.operations.refunds import approve_refund, reject_refund
from billing.operations.settle_refunds import ask_for_refund_now
from kernel.clock import now
from kernel.read_only_admin import yuan_column

_amount = yuan_column("amount_fen", _("amount"))


@admin.register(Refund)
class RefundAdmin(ActingAdmin):
    """Money of a top-up on its way back to who paid it."""

    list_display = ("requested_at", "numbers", _amount, "state", "requested_by", "requested_client", "approved_by")
    list_filter = ("state",)
    list_select_related = ("requested_by", "approved_by")
    action_names = ("approve", "reject", "ask")
    shown = (
        "account",
        "top_up",
        _amount,
        "reason",
        "state",
        "refund_number",
        "provider_refund_number",
        "requested_by",
        "requested_client",
        "requested_at",
        "approved_by",
        "rejected_by",
        "decided_at",
        "asks",
        "ask_at",
        "refunded_at",
        "finished_at",
        "public_id",
    )

    def record_actions(self, request: HttpRequest, row: Refund) -> list[RecordAction]:
        actions = []
        own = row.requested_by_id == request.user.pk
        may_decide = request.user.has_perm("billing.change_refund")
        if row.state == RefundState.REQUESTED:
            if may_decide and not own:
                actions.append(RecordAction("approve", _("Approve")))
            if own:
                actions.append(RecordAction("reject", _("Withdraw")))
            elif may_decide:
                actions.append(RecordAction("reject", _("Reject")))
        if row.state in (RefundState.APPROVED, RefundState.UNKNOWN) and may_decide:
            actions.append(RecordAction("ask", _("Ask the provider now")))
        return actions

    def act_on(self, request: HttpRequest, row: Refund, name: str) -> HttpResponse:
        decide = {"approve": approve_refund, "reject": reject_refund}.get(name)
        if decide is None:
            return self.done(
                request,
                row,
                lambda: ask_for_refund_now(account_id=row.account_id, refund_id=row.id, now=now()),
                lambda refund: _("The provider was asked: %(state)s.") % {"state": refund.get_state_display()},
            )
        return self.done(
            request,
            row,
            lambda: decide(account_id=row.account_id, refund_id=row.id, staff_id=staff_of(request).pk, now=now()),
            lambda refund: _("The refund is decided: %(state)s.") % {"state": refund.get_state_display()},
        )
