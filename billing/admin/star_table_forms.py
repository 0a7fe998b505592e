"""The form in which staff write a star table: steps and bands as pairs, the lowest first."""

import re
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import StarInput, StarTable
from accounts.operations.star_table_rules import Band, StarRules, StarTableWrong, require_rules_sound
from accounts.queries.star_tables import list_bands, list_steps
from kernel.clock import Month, parse_month
from kernel.errors import DomainError
from kernel.money import parse_yuan, yuan_text

_HINTS = {
    StarInput.MONTHS: _("Months with us and points, such as 0:0 12:10 24:20"),
    StarInput.REAL_NAME: _("0 without and 1 with a recorded document, such as 0:0 1:10"),
    StarInput.SPEND: _("Yuan a month and points, such as 0:0 58:10 128:20"),
    StarInput.LATE: _("Months paid late and points, such as 0:20 1:10 2:0"),
    StarInput.SUSPENSIONS: _("Suspensions for money owed and points, such as 0:10 1:0"),
}


class PairsField(forms.CharField):
    """Pairs of figures as `from:points`, split by spaces."""

    def __init__(self, *, first_is_yuan: bool = False, second_is_yuan: bool = False, **options: Any) -> None:
        self.is_yuan = (first_is_yuan, second_is_yuan)
        super().__init__(max_length=300, widget=forms.TextInput(attrs={"size": 60}), **options)

    def clean(self, value: Any) -> Any:
        words = str(super().clean(value)).split()
        try:
            return [self._pair(word) for word in words]
        except (ValueError, DomainError):
            raise forms.ValidationError(_("Write pairs such as 0:0 12:10 24:20."), code="pairs") from None

    def _pair(self, word: str) -> tuple[int, int]:
        first, second = re.split("[:：]", word)
        return self._figure(first, self.is_yuan[0]), self._figure(second, self.is_yuan[1])

    @staticmethod
    def _figure(text: str, is_yuan: bool) -> int:
        if is_yuan:
            return 0 if text.strip() in ("0", "0.00") else parse_yuan(text)
        if not re.fullmatch(r"\d{1,6}", text):
            raise ValueError(text)
        return int(text)


class StarTableForm(forms.Form):
    """A star table. `request_key` makes a form that is sent twice one proposal."""

    first_month = forms.CharField(label=_("in force from"), max_length=7, help_text=_("a later month, such as 2027-01"))
    minimum_months = forms.IntegerField(label=_("months until the first rating"), min_value=0, max_value=24)
    looks_back_months = forms.IntegerField(label=_("months looked back"), min_value=1, max_value=24)
    valid_months = forms.IntegerField(label=_("months that a rating holds"), min_value=1, max_value=24)
    steps_months = PairsField(label=StarInput.MONTHS.label, help_text=_HINTS[StarInput.MONTHS])
    steps_real_name = PairsField(label=StarInput.REAL_NAME.label, help_text=_HINTS[StarInput.REAL_NAME])
    steps_spend = PairsField(label=StarInput.SPEND.label, help_text=_HINTS[StarInput.SPEND], first_is_yuan=True)
    steps_late = PairsField(label=StarInput.LATE.label, help_text=_HINTS[StarInput.LATE])
    steps_suspensions = PairsField(label=StarInput.SUSPENSIONS.label, help_text=_HINTS[StarInput.SUSPENSIONS])
    bands = PairsField(
        label=_("Stars"),
        help_text=_("Points and overdraft in yuan of 1, 2, 3, 4 and 5 stars, such as 0:0 45:20 60:50 75:100 90:200"),
        second_is_yuan=True,
    )
    words = forms.CharField(label=_("why"), max_length=200, widget=forms.TextInput(attrs={"size": 60}))
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_first_month(self) -> Month:
        try:
            return parse_month(self.cleaned_data["first_month"])
        except ValueError:
            raise forms.ValidationError(_("Write the month such as 2027-01."), code="month") from None

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                require_rules_sound(rules=self.rules)
            except StarTableWrong as refusal:
                self.add_error(refusal.field, str(refusal))
        return values

    @property
    def rules(self) -> StarRules:
        """What was entered."""
        entered = self.cleaned_data
        return StarRules(
            first_month=entered["first_month"],
            minimum_months=entered["minimum_months"],
            looks_back_months=entered["looks_back_months"],
            valid_months=entered["valid_months"],
            steps={name: entered[f"steps_{name.lower()}"] for name in StarInput},
            bands=[Band(points, overdraft_fen) for points, overdraft_fen in entered["bands"]],
        )

    def hidden(self) -> list[Any]:
        """Return the fields as hidden ones, for the page that asks once more."""
        return [self[name].as_hidden() for name in self.fields]


def initial_of(table: StarTable, month: Month) -> dict[str, Any]:
    """Return the values of the form that write a table down again, in force from a month on."""
    steps = list_steps(table.id)
    written = {
        f"steps_{name.lower()}": " ".join(f"{_figure(name, step.at_least)}:{step.points}" for step in steps[name])
        for name in StarInput
    }
    bands = " ".join(f"{band.least_points}:{_plain(band.overdraft_fen)}" for band in list_bands(table.id))
    return {
        "first_month": str(month),
        "minimum_months": table.minimum_months,
        "looks_back_months": table.looks_back_months,
        "valid_months": table.valid_months,
        "bands": bands,
        **written,
    }


def _figure(name: StarInput, at_least: int) -> str:
    return _plain(at_least) if name == StarInput.SPEND else str(at_least)


def _plain(amount_fen: int) -> str:
    return yuan_text(amount_fen).removesuffix(".00")
