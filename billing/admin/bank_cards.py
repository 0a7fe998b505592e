"""Linked bank cards, what they paid, and automatic top-ups at the staff desk: looked at, never changed.

Of a card's number there are the last four digits, of the agreement neither token nor reference. The sandbox bank's own
books stand here too, so that staff can see what comes of a card that pays, refuses or says nothing.
"""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.models import AutomaticTopUp, BankCard, CardPayment, SandboxAgreement, SandboxBankBehaviour
from billing.operations.sandbox_bank import switch_sandbox_agreement
from kernel.errors import DomainError
from kernel.read_only_admin import (
    AccountOwnedAdmin,
    ReadOnlyAdmin,
    RelatedTable,
    instant_text,
    masked_number_column,
    yuan_column,
    yuan_words,
)

_amount = yuan_column("amount_fen", _("amount"))


@admin.display(description=cast("Any", _("last four digits")))
def _ending(row: Any) -> str:
    return f"**** {row.last_four}"


@admin.register(BankCard)
class BankCardAdmin(AccountOwnedAdmin):
    """Cards that can pay, could once, or wait for their code."""

    list_display = ("asked_at", "numbers", "account_kind", _ending, "state")
    list_filter = ("state", "account_kind")
    shown = (
        "account",
        masked_number_column("msisdn", _("number that gets the code")),
        "bank",
        "account_kind",
        _ending,
        "state",
        "agreement_number",
        "guesses",
        "asked_at",
        "code_sent_at",
        "bound_at",
        "ended_at",
        "asks",
        "ask_at",
        "public_id",
    )

    def related_tables(self, row: BankCard) -> list[RelatedTable]:
        payments = CardPayment.objects.filter(account_id=row.account_id, card_id=row.id).order_by("-requested_at")
        rows = [
            (
                instant_text(payment.requested_at),
                yuan_words(payment.amount_fen),
                _("yes") if payment.automatic else _("no"),
                cast("Any", payment).get_state_display(),
                cast("Any", payment).get_failure_display() or "–",
            )
            for payment in payments[:50]
        ]
        columns = (_("asked for at"), _("amount"), _("automatic"), _("state"), _("why it failed"))
        return [RelatedTable(_("payments by bank card"), columns, rows)]


@admin.register(CardPayment)
class CardPaymentAdmin(AccountOwnedAdmin):
    """What cards paid, beside the top-up of the same id."""

    list_display = ("requested_at", "numbers", _amount, "automatic", "state", "failure")
    list_filter = ("state", "automatic")
    shown = (
        "account",
        "card",
        "credited_account_id",
        _amount,
        "automatic",
        yuan_column("limit_fen", _("monthly limit")),
        "state",
        "failure",
        "requested_at",
        "sent_at",
        "finished_at",
        "public_id",
    )


@admin.register(AutomaticTopUp)
class AutomaticTopUpAdmin(AccountOwnedAdmin):
    """What customers want topped up by itself."""

    list_display = (
        "numbers",
        yuan_column("threshold_fen", _("below")),
        _amount,
        yuan_column("monthly_limit_fen", _("monthly limit")),
        "state",
        "failures",
    )
    list_filter = ("state",)
    shown = (
        "account",
        "card",
        yuan_column("threshold_fen", _("below")),
        _amount,
        yuan_column("monthly_limit_fen", _("monthly limit")),
        "state",
        "failures",
        "next_try_at",
        "changed_at",
    )


@admin.register(SandboxAgreement)
class SandboxAgreementAdmin(ReadOnlyAdmin):
    """The sandbox bank's books, with a switch for what it does with a card."""

    list_display = ("asked_at", _ending, masked_number_column("msisdn", _("number")), "account_kind", "behaviour")
    list_filter = ("behaviour",)
    shown = (
        "agreement_number",
        masked_number_column("msisdn", _("number")),
        "account_kind",
        _ending,
        "behaviour",
        "asked_at",
        "signed_at",
        "ended_at",
    )
    ordering = ("-agreement_number",)
    actions = ("let_pay", "let_lack_money", "let_block", "let_delay", "let_answer_be_lost", "let_hang")

    def has_switch_permission(self, request: HttpRequest) -> bool:
        """Whether this person may switch what the bank does."""
        return request.user.has_perm("billing.switch_sandbox_bank")

    @admin.action(description=_("Let it pay"), permissions=["switch"])
    def let_pay(self, request: HttpRequest, rows: QuerySet[SandboxAgreement]) -> None:
        """Pay at once."""
        self._switch(request, rows, SandboxBankBehaviour.PAYS)

    @admin.action(description=_("Let it refuse: not enough money"), permissions=["switch"])
    def let_lack_money(self, request: HttpRequest, rows: QuerySet[SandboxAgreement]) -> None:
        """Refuse because the account is empty."""
        self._switch(request, rows, SandboxBankBehaviour.NO_MONEY)

    @admin.action(description=_("Let it refuse: blocked"), permissions=["switch"])
    def let_block(self, request: HttpRequest, rows: QuerySet[SandboxAgreement]) -> None:
        """Refuse because the card is blocked."""
        self._switch(request, rows, SandboxBankBehaviour.BLOCKED)

    @admin.action(description=_("Let it pay half a minute later"), permissions=["switch"])
    def let_delay(self, request: HttpRequest, rows: QuerySet[SandboxAgreement]) -> None:
        """Take its time."""
        self._switch(request, rows, SandboxBankBehaviour.DELAYS)

    @admin.action(description=_("Let it pay, and lose its answer"), permissions=["switch"])
    def let_answer_be_lost(self, request: HttpRequest, rows: QuerySet[SandboxAgreement]) -> None:
        """Pay, and be heard when asked the second time."""
        self._switch(request, rows, SandboxBankBehaviour.PAYS_UNHEARD)

    @admin.action(description=_("Let it answer nothing"), permissions=["switch"])
    def let_hang(self, request: HttpRequest, rows: QuerySet[SandboxAgreement]) -> None:
        """Be silent about payments and the end of the agreement."""
        self._switch(request, rows, SandboxBankBehaviour.HANGS)

    def _switch(self, request: HttpRequest, rows: QuerySet[SandboxAgreement], behaviour: SandboxBankBehaviour) -> None:
        for row in rows:
            try:
                switch_sandbox_agreement(agreement_number=row.agreement_number, behaviour=behaviour)
            except DomainError as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.ERROR)
            else:
                self.message_user(request, f"{row}: {behaviour.label}", messages.SUCCESS)
