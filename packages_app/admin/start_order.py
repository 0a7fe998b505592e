"""The form on which staff start an order for a customer."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.phone import NumberInvalid, parse_msisdn
from packages_app.admin.for_callers import DESKS
from packages_app.models import Offering, OrderStart
from packages_app.queries.catalogue import list_offerings


class StartOrderForm(forms.Form):
    """For which number, what, and where the customer asked. `request_key` makes a form sent twice one order."""

    msisdn = forms.CharField(label=_("phone number"), max_length=20)
    offering = forms.ModelChoiceField(label=_("offering"), queryset=Offering.objects.none())
    start = forms.ChoiceField(
        label=_("begins"), required=False, choices=[("", _("as is best for the customer")), *OrderStart.choices]
    )
    channel = forms.ChoiceField(label=_("asked for"), choices=DESKS)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        on_sale = [offering.code for offering in list_offerings(now=now())]
        field: Any = self.fields["offering"]
        field.queryset = Offering.objects.filter(code__in=on_sale)

    def clean_msisdn(self) -> str:
        try:
            return parse_msisdn(self.cleaned_data["msisdn"])
        except NumberInvalid as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None

    def hidden(self) -> list[Any]:
        """Return the fields as hidden ones, for the page that asks once more."""
        return [self[name].as_hidden() for name in self.fields]
