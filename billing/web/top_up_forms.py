"""Forms of topping up. Amounts are read strictly: what is not plainly an amount of yuan is refused, never guessed."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing.models import BankCard, Campaign
from billing.queries.campaigns import best_offer
from billing.web.card_words import card_label
from kernel.errors import DomainError
from kernel.money import parse_yuan, require_amount_between, yuan_text
from kernel.phone import NumberInvalid, parse_msisdn

REQUEST_KEY_FORMAT = re.compile(r"[0-9a-f]{32}\Z", re.ASCII)


class OtherNumberForm(forms.Form):
    """Which other number to top up."""

    msisdn = forms.CharField(
        label=_("Phone number"),
        max_length=20,
        error_messages={"required": NumberInvalid.cure},
        widget=forms.TextInput(attrs={"type": "tel"}),
    )

    def clean_msisdn(self) -> str:
        return _msisdn(self.cleaned_data["msisdn"])


class TopUpForm(forms.Form):
    """How much, for the number the page names. An amount that is typed in counts before one that is picked.

    `request_key` is made once for each form shown, so that a form sent twice is one top-up. `way` is empty for the
    payment provider, else the id of a linked bank card.
    """

    msisdn = forms.CharField(widget=forms.HiddenInput, max_length=20)
    request_key = forms.CharField(widget=forms.HiddenInput, max_length=32)
    way = forms.ChoiceField(
        label=_("Way to pay"),
        widget=forms.RadioSelect,
        required=False,
        choices=[("", _("Online payment"))],
        error_messages={"invalid_choice": _("This card is not linked any more. Choose another way to pay.")},
    )
    amount = forms.ChoiceField(label=_("Amount"), widget=forms.RadioSelect, required=False)
    other_amount = forms.CharField(label=_("Another amount"), required=False, max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        amounts_fen = settings.TOP_UP_COMMON_AMOUNTS_FEN
        yuan = {amount_fen: yuan_text(amount_fen).removesuffix(".00") for amount_fen in amounts_fen}
        self.fields["amount"].choices = [  # type: ignore[attr-defined]
            (yuan[amount_fen], _("%(yuan)s yuan") % {"yuan": yuan[amount_fen]}) for amount_fen in amounts_fen
        ]

    def show_cards(self, cards: list[BankCard]) -> None:
        """Offer linked bank cards as ways to pay, beside the payment provider."""
        field: Any = self.fields["way"]
        field.choices = [("", _("Online payment")), *((str(card.id), card_label(card)) for card in cards)]

    def show_bonuses(self, campaigns: list[Campaign]) -> None:
        """Write the bonus that running campaigns promise beside each amount to pick from."""
        field: Any = self.fields["amount"]
        labels = dict(field.choices)
        for amount_fen in settings.TOP_UP_COMMON_AMOUNTS_FEN:
            offer = best_offer(campaigns, amount_fen)
            if offer:
                yuan = yuan_text(amount_fen).removesuffix(".00")
                bonus = yuan_text(offer.bonus_fen).removesuffix(".00")
                labels[yuan] = _("%(yuan)s yuan + %(bonus)s bonus") % {"yuan": yuan, "bonus": bonus}
        field.choices = list(labels.items())

    def clean_msisdn(self) -> str:
        return _msisdn(self.cleaned_data["msisdn"])

    def clean_request_key(self) -> str:
        key: str = self.cleaned_data["request_key"]
        if not REQUEST_KEY_FORMAT.match(key):
            raise forms.ValidationError(_("This form is damaged. Open the page anew."), code="FORM_DAMAGED")
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"amount", "other_amount"} & set(self.errors):
            return cleaned
        typed = cleaned.get("other_amount", "")
        text = typed or cleaned.get("amount", "")
        field = "other_amount" if typed else "amount"
        if not text:
            self.add_error(field, forms.ValidationError(_("Choose or enter an amount."), code="AMOUNT_MISSING"))
            return cleaned
        try:
            cleaned["amount_fen"] = parse_yuan(text)
            require_amount_between(
                cleaned["amount_fen"],
                minimum_fen=settings.TOP_UP_MINIMUM_FEN,
                maximum_fen=settings.TOP_UP_MAXIMUM_FEN,
            )
        except DomainError as refusal:
            self.add_error(field, forms.ValidationError(str(refusal), code=refusal.code))
        return cleaned


class RechargeCardForm(forms.Form):
    """The PIN of a recharge card, for the number the page names. How a PIN looks is for `redeem_voucher` to say."""

    msisdn = forms.CharField(widget=forms.HiddenInput, max_length=20)
    pin = forms.CharField(
        label=_("PIN of the card"),
        max_length=80,
        error_messages={"required": _("Enter the PIN of the card.")},
        widget=forms.TextInput(attrs={"data-digits-in-fours": True}),
    )

    def clean_msisdn(self) -> str:
        return _msisdn(self.cleaned_data["msisdn"])


def _msisdn(text: str) -> str:
    try:
        return parse_msisdn(text)
    except NumberInvalid as refusal:
        raise forms.ValidationError(str(refusal), code=refusal.code) from None
