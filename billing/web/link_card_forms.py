"""Forms of linking a bank card. How a number looks is for `start_binding` to say."""

import re
import unicodedata
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import BankAccountKind
from billing.web.top_up_forms import REQUEST_KEY_FORMAT

_KINDS = [
    (BankAccountKind.DEBIT, _("Debit card: your savings account")),
    (BankAccountKind.CREDIT, _("Credit card")),
    (BankAccountKind.ELECTRONIC_CASH, _("Electronic cash: what is loaded on the card")),
]


class LinkCardForm(forms.Form):
    """Which card, and which account of it. `request_key` is made once per form: sent twice it is one card."""

    request_key = forms.CharField(widget=forms.HiddenInput, max_length=32)
    card_number = forms.CharField(
        label=_("Card number"),
        max_length=40,
        error_messages={"required": _("Enter the number of the card.")},
        widget=forms.TextInput(attrs={"data-digits-in-fours": True}),
    )
    account_kind = forms.ChoiceField(
        label=_("Which account of the card pays"),
        widget=forms.RadioSelect,
        choices=_KINDS,
        error_messages={"required": _("Choose which account of the card pays.")},
    )

    @classmethod
    def fresh(cls) -> "LinkCardForm":
        """Return an empty form with a key of its own."""
        return cls(initial={"request_key": uuid.uuid4().hex})

    def clean_request_key(self) -> str:
        key: str = self.cleaned_data["request_key"]
        if not REQUEST_KEY_FORMAT.match(key):
            raise forms.ValidationError(_("This form is damaged. Open the page anew."), code="FORM_DAMAGED")
        return key


_MALFORMED_CODE = _("Enter the 6 digits of the code in the text.")


class BankCodeForm(forms.Form):
    """The code of the bank's text. What cannot be a code is refused here, so that a slip costs no guess."""

    code = forms.CharField(
        label=_("Code from the bank's text message"), max_length=20, error_messages={"required": _MALFORMED_CODE}
    )

    def clean_code(self) -> str:
        text: Any = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        code = re.sub(r"\s", "", text)
        if not re.fullmatch(r"[0-9]{6}", code):
            raise forms.ValidationError(_MALFORMED_CODE, code="CODE_MALFORMED")
        return code
