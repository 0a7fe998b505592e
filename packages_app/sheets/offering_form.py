"""The form of one offering, in yuan and in the units that people speak of. Each row of a file is read by it too."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from kernel.money import parse_yuan, require_amount_between
from kernel.regions import PROVINCE_CODES, region_name
from packages_app.models import LinkKind, Offering, OfferingAllowance, OfferingLink, OfferingUnitPrice
from packages_app.sheets.draft import Draft, draft_of, texts_of
from packages_app.sheets.notation import parse_allowances, parse_unit_prices

_DEAREST_FEN = 1_000_000_00
_BETWEEN = re.compile(r"[\s,，、;；]+")
_PROVINCE_OF_NAME = {region_name(code, language): code for code in PROVINCE_CODES for language in ("zh-hans", "en")}


class YuanField(forms.CharField):
    """Yuan with at most two decimals; gives fen, or None where nothing is written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=16, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount_fen = parse_yuan(text)
            require_amount_between(amount_fen, minimum_fen=0, maximum_fen=_DEAREST_FEN)
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None
        return amount_fen


class NotationField(forms.CharField):
    """Lines of `packages_app.sheets.notation`; gives rows."""

    def __init__(self, *, read: Callable[[str], Sequence[Any]], **options: Any) -> None:
        self.read = read
        widget = forms.Textarea(attrs={"rows": 5, "cols": 50, "spellcheck": "false"})
        super().__init__(required=False, max_length=2000, widget=widget, **options)

    def clean(self, value: Any) -> Any:
        try:
            return self.read(super().clean(value))
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None


class WordsField(forms.CharField):
    """Words divided by blanks or commas; gives a list of those that differ."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=1000, **options)

    def clean(self, value: Any) -> Any:
        return list(dict.fromkeys(word for word in _BETWEEN.split(super().clean(value)) if word))


class OfferingForm(forms.ModelForm):
    """All of an offering but what only the whole catalogue can tell: `packages_app.operations.offering_rules`."""

    price = YuanField(label=_("price (yuan)"), help_text=_("each time it recurs"))
    one_off = YuanField(
        label=_("fee at the start (yuan)"), required=False, help_text=_("once, on top of the first price")
    )
    cap = YuanField(
        label=_("cap on use beyond the plan (yuan)"),
        required=False,
        help_text=_("a month; empty: the house's cap"),
    )
    thresholds_percent = WordsField(
        label=_("reminders at (%)"), help_text=_("such as 80 100, of a data allowance; empty: the house's thresholds")
    )
    provinces = WordsField(label=_("provinces"), help_text=_("such as CN-GD CN-ZJ, or 广东 浙江; empty: everywhere"))
    allowances = NotationField(
        read=parse_allowances,
        label=_("allowances"),
        help_text=_(
            "One on each line: DATA 20GB, VOICE 300min, SMS 50. After it, what it is for: APP video, REGION JP or "
            "TIME 23:00-07:00, and SHARED if all lines of the account use it."
        ),
    )
    unit_prices = NotationField(
        read=parse_unit_prices,
        label=_("prices beyond the plan"),
        help_text=_("One on each line, in yuan: DATA 5/GB, VOICE 0.15/min, SMS 0.1; abroad DATA JP 3/10MB."),
    )
    requires = WordsField(label=_("needs"), help_text=_("codes; of several plans one will do, of the rest each"))
    excludes = WordsField(label=_("cannot be had with"), help_text=_("codes; holds in both directions"))

    class Meta:
        model = Offering
        fields = (
            *("code", "kind", "name_zh", "name_en", "summary_zh", "summary_en", "position", "recurrence"),
            *("first_month", "validity_days", "commitment_months", "head", "provider_name", "carries_over"),
            *("thresholds_percent", "on_sale_from", "on_sale_to", "provinces", "minimum_star", "points_price"),
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding:
            texts = texts_of(draft_of(self.instance))
            self.initial.update({name: texts[name] for name in OfferingForm.declared_fields})
        for name, least, most in (
            *(("minimum_star", 0, 5), ("validity_days", 1, 3660), ("commitment_months", 0, 120)),
            ("points_price", 0, 9_999_999),
        ):
            if name in self.fields:
                self.fields[name].validators += [MinValueValidator(least), MaxValueValidator(most)]

    @property
    def draft(self) -> Draft:
        """The offering with its contents, once the form is valid."""
        ties = ((LinkKind.REQUIRES, "requires"), (LinkKind.EXCLUDES, "excludes"))
        return Draft(
            self.instance,
            self._rows("allowances"),
            self._rows("unit_prices"),
            [OfferingLink(other_id=code, kind=kind) for kind, name in ties for code in self._rows(name)],
        )

    def clean_thresholds_percent(self) -> list[int]:
        words = self.cleaned_data["thresholds_percent"]
        percents = [word.rstrip("%％") for word in words]
        if not all(percent.isascii() and percent.isdigit() and 1 <= int(percent) <= 100 for percent in percents):
            raise forms.ValidationError(_("Write whole percents between 1 and 100, such as 80 100."))
        return sorted({int(percent) for percent in percents})

    def clean_provinces(self) -> list[str]:
        codes = [_PROVINCE_OF_NAME.get(word, word.upper()) for word in self.cleaned_data["provinces"]]
        unknown = [code for code in codes if code not in PROVINCE_CODES]
        if unknown:
            raise forms.ValidationError(
                _("%(code)s is not a province. Write codes such as CN-GD, or names."),
                params={"code": ", ".join(unknown)},
            )
        return sorted(set(codes))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("price", "one_off", "cap"):
            if name in values:
                setattr(self.instance, f"{name}_fen", values[name] if name == "cap" else values[name] or 0)
        return values

    def _rows(self, name: str) -> list[Any]:
        rows: list[OfferingAllowance | OfferingUnitPrice | str] = self.cleaned_data.get(name) or []
        return rows
