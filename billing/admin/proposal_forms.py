"""Forms of what one member of staff proposes and another checks."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import AdjustmentReason, BillHead
from kernel.errors import DomainError
from kernel.money import parse_yuan
from kernel.phone import NumberInvalid, parse_msisdn

GIVE_BACK, TAKE = "GIVE_BACK", "TAKE"


class ProposalForm(forms.Form):
    """Which number and how much. `request_key` makes a form that is sent twice one proposal."""

    msisdn = forms.CharField(label=_("phone number"), max_length=20)
    amount = forms.CharField(label=_("amount (yuan)"), max_length=16)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_msisdn(self) -> str:
        try:
            return parse_msisdn(self.cleaned_data["msisdn"])
        except NumberInvalid as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None

    def clean_amount(self) -> int:
        """Read yuan and return fen."""
        try:
            return parse_yuan(self.cleaned_data["amount"])
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None

    def hidden(self) -> list[Any]:
        """Return the fields as hidden ones, for the page that asks once more."""
        return [self[name].as_hidden() for name in self.fields]


class AdjustmentForm(ProposalForm):
    """A correction of a wallet: which way, and why."""

    direction = forms.ChoiceField(
        label=_("direction"), choices=[(GIVE_BACK, _("give back to the customer")), (TAKE, _("take from the customer"))]
    )
    reason = forms.ChoiceField(label=_("reason"), choices=AdjustmentReason.choices)
    words = forms.CharField(label=_("in words"), max_length=200, help_text=_("Stands on the customer's statement."))
    field_order = ("msisdn", "direction", "amount", "reason", "words")

    @property
    def signed_fen(self) -> int:
        """The amount with its sign: positive is the customer's gain."""
        amount_fen: int = self.cleaned_data["amount"]
        return amount_fen if self.cleaned_data["direction"] == GIVE_BACK else -amount_fen


class OneOffFeeForm(ProposalForm):
    """A fee that is charged once: for what, for whom it is collected, and why."""

    name = forms.CharField(label=_("what for"), max_length=120, help_text=_("Stands on the customer's bill."))
    head = forms.ChoiceField(label=_("head"), choices=BillHead.choices, initial=BillHead.OTHER)
    provider_name = forms.CharField(
        label=_("collected for"), max_length=80, required=False, help_text=_("Only for what is collected for others.")
    )
    words = forms.CharField(label=_("why"), max_length=200, help_text=_("Stands on the customer's bill."))
    field_order = ("msisdn", "name", "amount", "head", "provider_name", "words")


class RefusalForm(forms.Form):
    """Why a proposal is turned down."""

    refusal = forms.CharField(label=_("Why it is refused"), max_length=200)
