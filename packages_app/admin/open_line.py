"""The form on which staff open a line for a new customer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import DocumentKind, Language
from accounts.operations.documents import ShownDocument
from accounts.operations.sim_cards import IssuedSim
from kernel.clock import now
from kernel.phone import NumberInvalid, parse_msisdn
from kernel.regions import PROVINCE_CODES, region_name
from packages_app.models import Offering, OfferingKind
from packages_app.queries.catalogue import list_offerings


class OpenLineForm(forms.Form):
    """Who, by which document, which number on which card, where, and with which plan."""

    customer_name = forms.CharField(label=_("customer's name"), max_length=60)
    prospect_id = forms.UUIDField(
        label=_("customer's id"),
        required=False,
        help_text=_("Of somebody whom a partner has entered; else empty."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    document_kind = forms.ChoiceField(label=_("kind of document"), choices=DocumentKind.choices)
    document_number = forms.CharField(
        label=_("document number"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    msisdn = forms.CharField(label=_("phone number"), max_length=20)
    iccid = forms.CharField(
        label=_("card number (ICCID)"), max_length=30, required=False, help_text=_("Empty: the card is noted later.")
    )
    puk = forms.CharField(
        label=_("PUK"), max_length=12, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
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

    def entered(self) -> dict[str, Any]:
        """Return the arguments of `open_line`, but for the instant."""
        values = self.cleaned_data
        return {
            **{name: values[name] for name in ("customer_name", "msisdn", "province", "language")},
            "prospect_id": values["prospect_id"],
            "offering_code": values["offering"].code,
            "document": ShownDocument(values["document_kind"], values["document_number"]),
            "sim": IssuedSim(values["iccid"], values["puk"]) if values["iccid"] or values["puk"] else None,
        }

    def clean_msisdn(self) -> str:
        """Read the number in any usual spelling and return it as E.164."""
        try:
            return parse_msisdn(self.cleaned_data["msisdn"])
        except NumberInvalid as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None
