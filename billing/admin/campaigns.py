"""Top-up campaigns at the staff desk, kept by supervisors."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.models import Campaign
from kernel.errors import DomainError
from kernel.money import parse_yuan, yuan_text
from kernel.read_only_admin import yuan_column

_minimum = yuan_column("minimum_fen", _("smallest top-up"))
_bonus = yuan_column("bonus_fen", _("bonus"))
_cap = yuan_column("cap_fen", _("largest bonus"))
# Form field and the column it fills.
_AMOUNTS = {"minimum": "minimum_fen", "bonus": "bonus_fen", "cap": "cap_fen"}


class CampaignForm(forms.ModelForm):
    """Amounts in yuan; the bonus either as an amount or in percent."""

    minimum = forms.CharField(label=_("smallest top-up (yuan)"), max_length=16)
    bonus = forms.CharField(label=_("bonus (yuan)"), max_length=16, required=False)
    cap = forms.CharField(label=_("largest bonus (yuan)"), max_length=16, required=False)

    class Meta:
        model = Campaign
        fields = ("code", "name_zh", "name_en", "starts_at", "ends_at", "province", "bonus_percent", "bonus_days")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.code:
            for name, column in _AMOUNTS.items():
                amount_fen = getattr(self.instance, column)
                self.initial[name] = yuan_text(amount_fen) if amount_fen else ""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name, column in _AMOUNTS.items():
            try:
                amount_fen = parse_yuan(values[name]) if values.get(name) else 0
            except DomainError as refusal:
                self.add_error(name, str(refusal))
            else:
                setattr(self.instance, column, amount_fen or (None if name == "cap" else 0))
        if values.get("minimum") and "minimum" not in self.errors and not self.instance.minimum_fen:
            self.add_error("minimum", _("A campaign begins with some amount."))
        if not self.errors and bool(self.instance.bonus_fen) == bool(values.get("bonus_percent")):
            self.add_error("bonus", _("Give the bonus either in yuan or in percent."))
        return values


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    """A promise of bonus. Top-ups keep what they were promised, so a change concerns new ones only."""

    form = CampaignForm
    list_display = ("name_zh", "code", "starts_at", "ends_at", "province", _minimum, _bonus, "bonus_percent", _cap)
    search_fields = ("code", "name_zh", "name_en")
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        """Ask supervisors in yuan; show others the same."""
        may_edit = self.has_change_permission(request, obj)
        amounts: tuple[Any, ...] = ("minimum", "bonus", "bonus_percent", "cap") if may_edit else (
            _minimum, _bonus, "bonus_percent", _cap,
        )  # fmt: skip
        return (
            (None, {"fields": ("code", "name_zh", "name_en")}),
            (_("When and where"), {"fields": ("starts_at", "ends_at", "province")}),
            (_("Bonus"), {"fields": (*amounts, "bonus_days")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> tuple[str, ...]:
        """Keep the code: top-ups name the campaign by it."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """Never: what is over has ended."""
        return False
