"""Corrections of wallets at the staff desk: one person proposes in two steps, another posts or refuses."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import Line
from billing.admin.proposal_forms import AdjustmentForm
from billing.admin.proposals import Facts, ProposalAdmin
from billing.models import Adjustment, AdjustmentReason
from billing.operations.adjustments import approve_adjustment, propose_adjustment, refuse_adjustment
from kernel.clock import now
from kernel.phone import grouped_number
from kernel.read_only_admin import masked_number_column, number_column, yuan_column, yuan_words

_amount = yuan_column("amount_fen", _("amount"))


@admin.register(Adjustment)
class AdjustmentAdmin(ProposalAdmin):
    """Corrections, whatever became of them."""

    form_class = AdjustmentForm
    propose_permission = "billing.propose_adjustment"
    check_permission = "billing.check_adjustment"
    propose_label = _("Propose an adjustment")
    approve_label = _("Post it and tell the customer")
    approved = _("The adjustment is posted; the customer is told by text.")
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

    def entered_facts(self, line: Line, form: AdjustmentForm) -> Facts:
        entered = form.cleaned_data
        return _facts(line.msisdn, form.signed_fen, entered["reason"], entered["words"])

    def facts(self, row: Adjustment) -> Facts:
        return _facts(row.msisdn, row.amount_fen, row.reason, row.words)

    def write_down(self, line: Line, form: AdjustmentForm, staff_id: int) -> Adjustment:
        entered = form.cleaned_data
        return propose_adjustment(
            account_id=line.account_id,
            line_id=line.id,
            amount_fen=form.signed_fen,
            reason=AdjustmentReason(entered["reason"]),
            words=entered["words"],
            request_key=entered["request_key"].hex,
            proposed_by=staff_id,
            now=now(),
        )

    def approve(self, row: Adjustment, staff_id: int) -> None:
        approve_adjustment(account_id=row.account_id, adjustment_id=row.id, checked_by=staff_id, now=now())

    def refuse(self, row: Adjustment, staff_id: int, refusal: str) -> None:
        refuse_adjustment(
            account_id=row.account_id, adjustment_id=row.id, checked_by=staff_id, refusal=refusal, now=now()
        )


def _facts(msisdn: str, amount_fen: int, reason: str, words: str) -> Facts:
    sign = "+" if amount_fen > 0 else ""
    return [
        (_("number"), grouped_number(msisdn)),
        (_("amount"), f"{sign}{yuan_words(amount_fen)}"),
        (_("reason"), str(AdjustmentReason(reason).label)),
        (_("in words"), words),
    ]
