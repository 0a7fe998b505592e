"""Which months of the statement to take home."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.clock import Month, month_of, parse_month


class PeriodForm(forms.Form):
    """From the first day of one month to the last of another, both among the months that are offered."""

    from_month = forms.ChoiceField(label=pgettext_lazy("first month of a period", "From"))
    to_month = forms.ChoiceField(label=pgettext_lazy("last month of a period", "To"))

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        this_month = month_of(now)
        super().__init__(data, initial={"from_month": str(this_month), "to_month": str(this_month)})
        months = [this_month]
        while len(months) < settings.STATEMENT_EXPORT_MONTHS:
            months.append(months[-1].previous)
        for name in ("from_month", "to_month"):
            self.fields[name].choices = [(str(month), str(month)) for month in months]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and self.months[0] > self.months[1]:
            self.add_error("to_month", _("The last month is before the first."))
        return values

    @property
    def months(self) -> tuple[Month, Month]:
        """The first and the last month; once the form is valid."""
        return parse_month(self.cleaned_data["from_month"]), parse_month(self.cleaned_data["to_month"])
