"""Forms about points."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_POINTS = 9_999_999


class PointsForm(forms.Form):
    """How many points to exchange."""

    points = forms.IntegerField(
        label=_("Points to exchange"),
        min_value=1,
        max_value=MOST_POINTS,
        widget=forms.TextInput,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Enter how many points to exchange, such as 100.")
        ),
    )

    def __init__(self, *args: Any, step: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["points"].help_text = _("In steps of %(step)s.") % {"step": step}


class ExchangeForm(forms.Form):
    """The one button of the check page. `request_key` is made once for each page shown: sent twice, it is one."""

    points = forms.IntegerField(min_value=1, max_value=MOST_POINTS, widget=forms.HiddenInput)
    request_key = forms.RegexField(r"[0-9a-f]{32}\Z", widget=forms.HiddenInput)
