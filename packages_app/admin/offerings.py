"""The catalogue at the staff desk: what is sold, kept by supervisors."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import MaxValueValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.money import AmountInvalid, parse_yuan, yuan_text
from kernel.read_only_admin import yuan_column
from packages_app.admin.amounts import amount_text
from packages_app.models import Offering, OfferingAllowance, UsageKind
from packages_app.operations.keep_offering import general_allowances, keep_offering

# Form field, usage kind, and how many stored units (bytes, seconds, messages) one of the form's units is.
_ALLOWANCES = (
    ("data_mb", UsageKind.DATA, 1024**2),
    ("voice_minutes", UsageKind.VOICE, 60),
    ("sms_count", UsageKind.SMS, 1),
)
_LARGEST = 10_000_000
_price = yuan_column("price_fen", _("price"))


class OfferingForm(forms.ModelForm):
    """Price in yuan and allowances in the units that people speak of."""

    price = forms.CharField(label=_("price (yuan)"), max_length=16, help_text=_("each time it recurs"))
    data_mb = forms.IntegerField(label=_("data (MB)"), min_value=0, initial=0, validators=[MaxValueValidator(_LARGEST)])
    voice_minutes = forms.IntegerField(
        label=_("voice (minutes)"), min_value=0, initial=0, validators=[MaxValueValidator(_LARGEST)]
    )
    sms_count = forms.IntegerField(
        label=_("texts (messages)"), min_value=0, initial=0, validators=[MaxValueValidator(_LARGEST)]
    )

    class Meta:
        model = Offering
        fields = (
            "code",
            "kind",
            "name_zh",
            "name_en",
            "summary_zh",
            "summary_en",
            "position",
            "recurrence",
            "head",
            "provider_name",
            "on_sale_from",
            "on_sale_to",
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.code:
            self.initial["price"] = yuan_text(self.instance.price_fen)
            included = _included_in(self.instance)
            for name, usage_kind, unit in _ALLOWANCES:
                self.initial[name] = included.get(usage_kind, 0) // unit

    def clean_price(self) -> int:
        """Read yuan and return fen."""
        try:
            price_fen = parse_yuan(self.cleaned_data["price"])
        except AmountInvalid as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None
        self.instance.price_fen = price_fen
        return price_fen

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        begins, ends = values.get("on_sale_from"), values.get("on_sale_to")
        if begins and ends and ends <= begins:
            self.add_error("on_sale_to", _("The sale must end after it begins."))
        return values

    @property
    def included(self) -> list[OfferingAllowance]:
        """What the offering includes, in stored units."""
        return general_allowances(
            amounts={usage_kind: self.cleaned_data[name] * unit for name, usage_kind, unit in _ALLOWANCES}
        )


@admin.register(Offering)
class OfferingAdmin(admin.ModelAdmin):
    """One thing that can be bought. Orders keep the terms they were given, so a change concerns new orders only."""

    form = OfferingForm
    list_display = (
        "name_zh",
        "code",
        "kind",
        _price,
        "recurrence",
        "on_sale_from",
        "on_sale_to",
    )
    list_filter = ("kind", "recurrence")
    search_fields = ("code", "name_zh", "name_en")
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: Offering | None = None) -> Any:
        """Ask supervisors in yuan and in units that people speak of; show others the same."""
        may_edit = self.has_change_permission(request, obj)
        price: tuple[Any, ...] = ("price",) if may_edit else (_price,)
        included = tuple(name for name, *_unit in _ALLOWANCES) if may_edit else ("included",)
        return (
            (None, {"fields": ("code", "kind", "name_zh", "name_en", "summary_zh", "summary_en", "position")}),
            (_("Price"), {"fields": (*price, "recurrence", "head", "provider_name")}),
            (_("Included in each cycle"), {"fields": included}),
            (_("Sale"), {"fields": ("on_sale_from", "on_sale_to")}),
        )

    @admin.display(description=_("included"))
    def included(self, offering: Offering) -> str:
        """What it includes, for those who only look."""
        included = _included_in(offering)
        return ", ".join(amount_text(kind, included[kind]) for kind in UsageKind if kind in included) or "–"

    def get_readonly_fields(self, request: HttpRequest, obj: Offering | None = None) -> tuple[str, ...]:
        """Keep the code: orders and subscriptions name the offering by it."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Offering | None = None) -> bool:
        """Never: what is no longer sold gets an end of sale."""
        return False

    def save_model(self, request: HttpRequest, obj: Offering, form: Any, change: bool) -> None:
        keep_offering(offering=obj, allowances=form.included, author=request.user.get_username(), now=now())


def _included_in(offering: Offering) -> dict[str, int]:
    return {allowance.usage_kind: allowance.amount for allowance in offering.allowances.all()}
