"""The two small forms of signing in."""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.phone import NumberInvalid, parse_msisdn


class DigitsField(forms.CharField):
    """Digits as people enter them: full-width ones of a Chinese keyboard count, spaces do not."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


class NumberForm(forms.Form):
    """Which number wants to sign in."""

    msisdn = DigitsField(
        label=_("Phone number"),
        max_length=20,
        error_messages={"required": NumberInvalid.cure},
        widget=forms.TextInput(attrs={"type": "tel"}),
    )

    def clean_msisdn(self) -> str:
        try:
            return parse_msisdn(self.cleaned_data["msisdn"])
        except NumberInvalid as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None


_MALFORMED_CODE = _("Enter the 6 digits of the code in the text.")


class CodeForm(forms.Form):
    """The code of the text. What cannot be a code is refused here, so that a slip costs no guess."""

    code = DigitsField(
        label=_("Code from the text message"), max_length=20, error_messages={"required": _MALFORMED_CODE}
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not re.fullmatch(r"[0-9]{6}", code):
            raise forms.ValidationError(_MALFORMED_CODE, code="CODE_MALFORMED")
        return code
