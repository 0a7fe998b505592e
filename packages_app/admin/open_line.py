"""The form on which staff open a line for a new customer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Language
from kernel.clock import now
from kernel.phone import NumberInvalid, parse_msisdn
from kernel.regions import PROVINCE_CODES, region_name
from packages_app.models import Offering, OfferingKind
from packages_app.queries.catalogue import list_offerings


class OpenLineForm(forms.Form):
    """Who, which number, where, and with which plan."""

    customer_name = forms.CharField(label=_("customer's name"), max_length=60)
    msisdn = forms.CharField(label=_("phone number"), max_length=20)
    province = forms.ChoiceField(label=_("province"))
    language = forms.ChoiceField(label=_("language of texts"), choices=Language.choices)
    offering = forms.ModelChoiceField(label=_("plan"), queryset=Offering.objects.none())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        plans = [offering.code for offering in list_offerings(now=now()) if offering.kind == OfferingKind.PLAN]
        offering: Any = self.fields["offering"]
        offering.queryset = Offering.objects.filter(code__in=plans)
        province: Any = self.fields["province"]
        province.choices = [(code, region_name(code)) for code in sorted(PROVINCE_CODES)]

    def clean_msisdn(self) -> str:
        """Read the number in any usual spelling and return it as E.164."""
        try:
            return parse_msisdn(self.cleaned_data["msisdn"])
        except NumberInvalid as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None
