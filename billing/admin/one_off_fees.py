"""One-off fees at the staff desk: one person proposes in two steps, another charges or refuses."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import Line
from billing.admin.proposal_forms import OneOffFeeForm
from billing.admin.proposals import Facts, ProposalAdmin
from billing.models import BillHead, OneOffFee
from billing.operations.one_off_fees import approve_one_off_fee, propose_one_off_fee, refuse_one_off_fee
from kernel.clock import now
from kernel.phone import grouped_number
from kernel.read_only_admin import masked_number_column, number_column, yuan_column, yuan_words

_amount = yuan_column("amount_fen", _("amount"))


@admin.register(OneOffFee)
class OneOffFeeAdmin(ProposalAdmin):
    """One-off fees, whatever became of them."""

    form_class = OneOffFeeForm
    propose_permission = "billing.propose_one_off_fee"
    check_permission = "billing.check_one_off_fee"
    propose_label = _("Propose a one-off fee")
    approve_label = _("Charge it and tell the customer")
    approved = _("The fee is charged; the customer is told by text.")
    list_display = (
        "proposed_at",
        masked_number_column("msisdn", _("number")),
        "name",
        _amount,
        "state",
        "proposer",
        "checker",
    )
    list_filter = ("state", "head")
    shown = (
        "account",
        number_column("msisdn", _("number")),
        "name",
        _amount,
        "head",
        "provider_name",
        "words",
        "state",
        "proposer",
        "proposed_at",
        "checker",
        "checked_at",
        "refusal",
        "public_id",
    )

    def entered_facts(self, line: Line, form: OneOffFeeForm) -> Facts:
        entered = form.cleaned_data
        return _facts(
            line.msisdn,
            entered["name"],
            entered["amount"],
            entered["head"],
            entered["provider_name"],
            entered["words"],
        )

    def facts(self, row: OneOffFee) -> Facts:
        return _facts(row.msisdn, row.name, row.amount_fen, row.head, row.provider_name, row.words)

    def write_down(self, line: Line, form: OneOffFeeForm, staff_id: int) -> OneOffFee:
        entered = form.cleaned_data
        return propose_one_off_fee(
            account_id=line.account_id,
            line_id=line.id,
            amount_fen=entered["amount"],
            head=BillHead(entered["head"]),
            name=entered["name"],
            provider_name=entered["provider_name"],
            words=entered["words"],
            request_key=entered["request_key"].hex,
            proposed_by=staff_id,
            now=now(),
        )

    def approve(self, row: OneOffFee, staff_id: int) -> None:
        approve_one_off_fee(account_id=row.account_id, fee_id=row.id, checked_by=staff_id, now=now())

    def refuse(self, row: OneOffFee, staff_id: int, refusal: str) -> None:
        refuse_one_off_fee(account_id=row.account_id, fee_id=row.id, checked_by=staff_id, refusal=refusal, now=now())


def _facts(msisdn: str, name: str, amount_fen: int, head: str, provider_name: str, words: str) -> Facts:
    return [
        (_("number"), grouped_number(msisdn)),
        (_("what for"), name),
        (_("amount"), yuan_words(amount_fen)),
        (_("head"), str(BillHead(head).label)),
        (_("collected for"), provider_name or "–"),
        (_("why"), words),
    ]
