"""Forms of the partner systems' pages."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.regions import PROVINCE_CODES, region_name
from kernel.rest.registry import list_scopes
from kernel.sight import SightKind
from partners.models import PartnerClient, SightChoice
from partners.operations.partner_clients import ClientTerms


def _scopes() -> list[tuple[str, str]]:
    return [(scope, f"{scope} – {about}") for scope, about in sorted(list_scopes().items())]


def _provinces() -> list[tuple[str, str]]:
    return [(code, region_name(code)) for code in sorted(PROVINCE_CODES)]


class TermsForm(forms.Form):
    """What a partner system may do."""

    name = forms.CharField(label=_("name"), max_length=80)
    scopes = forms.MultipleChoiceField(label=_("scopes"), choices=_scopes, widget=forms.CheckboxSelectMultiple)
    sight_kind = forms.ChoiceField(
        label=_("sees"), choices=SightChoice.choices, widget=forms.RadioSelect, initial=SightChoice.GRANTED
    )
    provinces = forms.MultipleChoiceField(
        label=_("provinces"),
        choices=_provinces,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only for a segment."),
    )
    calls_per_minute = forms.IntegerField(label=_("calls a minute"), min_value=1, max_value=1_000_000)
    networks = forms.CharField(
        label=_("addresses"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One address or range a line, such as 203.0.113.0/24. Empty: calls may come from anywhere."),
    )

    @property
    def terms(self) -> ClientTerms:
        """What was entered, once the form is valid."""
        entered: dict[str, Any] = self.cleaned_data
        return ClientTerms(
            name=entered["name"],
            scopes=entered["scopes"],
            calls_per_minute=entered["calls_per_minute"],
            sight_kind=SightKind(entered["sight_kind"]),
            provinces=entered["provinces"],
            networks=entered["networks"].split(),
        )

    @staticmethod
    def initial_of(client: PartnerClient) -> dict[str, Any]:
        """Return what holds now."""
        return {
            "name": client.name,
            "scopes": client.scopes,
            "sight_kind": client.sight_kind,
            "provinces": client.provinces,
            "calls_per_minute": client.calls_per_minute,
            "networks": "\n".join(client.networks),
        }


class MakeForm(TermsForm):
    """A new partner system."""

    client_id = forms.SlugField(
        label=_("client id"), max_length=64, help_text=_("What it signs in with: letters, digits, “_” and “-”.")
    )
    field_order = ("client_id", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"calls_per_minute": settings.PARTNER_CALLS_PER_MINUTE})
        super().__init__(*args, **kwargs)


class RotateForm(forms.Form):
    """How long the secret before stays valid."""

    hours = forms.IntegerField(
        label=_("hours until the secret before ends"),
        min_value=0,
        max_value=24 * 90,
        initial=lambda: settings.PARTNER_SECRET_OVERLAP_HOURS,
    )

    @property
    def overlap(self) -> timedelta:
        """What was entered, once the form is valid."""
        return timedelta(hours=self.cleaned_data["hours"])
