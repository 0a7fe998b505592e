"""Who an e-invoice is issued to. What a taxpayer number is, `request_e_invoice` says."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import BuyerKind
from billing.web.top_up_forms import REQUEST_KEY_FORMAT


class EInvoiceForm(forms.Form):
    """`request_key` is made once for each form shown, so that a form sent twice is one request."""

    request_key = forms.CharField(widget=forms.HiddenInput, max_length=32)
    buyer_kind = forms.ChoiceField(label=_("Issued to"), choices=BuyerKind.choices, widget=forms.RadioSelect)
    buyer_name = forms.CharField(
        label=_("Title of the invoice"),
        max_length=100,
        help_text=_("The person's name, or the company's as it is registered."),
    )
    taxpayer_number = forms.CharField(
        label=_("Taxpayer number"),
        max_length=40,
        required=False,
        help_text=_("For a company: its unified social credit code of 18 characters, or an old number of 15."),
    )
    email = forms.EmailField(
        label=_("E-mail"), required=False, max_length=254, help_text=_("The invoice is sent there as well.")
    )

    def clean_request_key(self) -> str:
        key: str = self.cleaned_data["request_key"]
        if not REQUEST_KEY_FORMAT.match(key):
            raise forms.ValidationError(_("This form is damaged. Open the page anew."), code="FORM_DAMAGED")
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("buyer_kind") == BuyerKind.COMPANY and not cleaned.get("taxpayer_number"):
            missing = forms.ValidationError(_("A company's invoice needs its taxpayer number."), code="NUMBER_MISSING")
            self.add_error("taxpayer_number", missing)
        return cleaned
