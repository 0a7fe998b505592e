"""The form with which a customer has a number stopped for a while."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.queries.own_suspension import OwnBarOffer
from kernel.money import yuan_text


class StopForm(forms.Form):
    """For how many days. `agreed_fen` comes with the second step: the price that was shown."""

    days = forms.TypedChoiceField(
        label=_("For how long"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose for how long."),
            "invalid_choice": _("Choose one of the times that are offered."),
        },
    )
    agreed_fen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, offers: Sequence[OwnBarOffer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["days"]
        field.choices = [(offer.days, _label(offer)) for offer in offers]


def _label(offer: OwnBarOffer) -> str:
    words = ngettext("%(days)d day, %(fee)s yuan", "%(days)d days, %(fee)s yuan", offer.days)
    return words % {"days": offer.days, "fee": yuan_text(offer.fee_fen)}
