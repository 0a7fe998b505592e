"""Forms of ordering."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from packages_app.models import OrderStart
from packages_app.operations.order_codes import CODE_DIGITS

_REQUEST_KEY = re.compile(r"[0-9a-f]{32}\Z", re.ASCII)
_CODE = re.compile(rf"[0-9０-９]{{{CODE_DIGITS}}}\Z")


class WishForm(forms.Form):
    """The one button of the check page. `request_key` is made once for each page shown: sent twice, it is one order."""

    request_key = forms.CharField(widget=forms.HiddenInput, max_length=32)
    start = forms.ChoiceField(widget=forms.HiddenInput, choices=OrderStart.choices, required=False)

    def clean_request_key(self) -> str:
        key: str = self.cleaned_data["request_key"]
        if not _REQUEST_KEY.match(key):
            raise forms.ValidationError(_("This form is damaged. Open the page anew."), code="FORM_DAMAGED")
        return key


class OrderCodeForm(forms.Form):
    """The code of the confirmation text."""

    code = forms.CharField(
        label=_("Code of this order"),
        help_text=_("4 digits, in the text we sent you about this order"),
        max_length=12,
        error_messages={
            "required": _("Enter the 4 digits of the text."),
            "max_length": _("The code has 4 digits."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        if not _CODE.match(code):
            raise forms.ValidationError(_("The code has 4 digits."), code="CODE_MALFORMED")
        return code
