"""The form of automatic top-up. Amounts are read strictly; how they fit each other is for the operation to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import AutomaticTopUp, BankCard
from billing.web.card_words import card_label
from kernel.errors import DomainError
from kernel.money import parse_yuan, yuan_text

_DEFAULTS = {"threshold": "20", "amount": "50", "monthly_limit": "200"}
_REQUIRED = {"required": _("Enter an amount.")}


class YuanField(forms.CharField):
    """Yuan as people enter them, read as fen."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_yuan(text)
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None


class AutomaticTopUpForm(forms.Form):
    """When, how much, from which card, and how much at most in a month."""

    threshold = YuanField(label=_("When the balance is below"), max_length=20, error_messages=_REQUIRED)
    amount = YuanField(label=_("Top up by"), max_length=20, error_messages=_REQUIRED)
    monthly_limit = YuanField(label=_("At most in a month"), max_length=20, error_messages=_REQUIRED)
    card = forms.ChoiceField(
        label=_("From which card"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a card."),
            "invalid_choice": _("This card is not linked any more. Choose another one."),
        },
    )

    def __init__(self, *args: Any, cards: list[BankCard], wish: AutomaticTopUp | None, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(cards, wish)
        super().__init__(*args, **kwargs)
        field: Any = self.fields["card"]
        field.choices = [(str(card.id), card_label(card)) for card in cards]


def _initial(cards: list[BankCard], wish: AutomaticTopUp | None) -> dict[str, str]:
    if wish is None:
        common = {"card": str(cards[0].id)} if len(cards) == 1 else {}
        return {**_DEFAULTS, **common}
    return {
        "threshold": yuan_text(wish.threshold_fen).removesuffix(".00"),
        "amount": yuan_text(wish.amount_fen).removesuffix(".00"),
        "monthly_limit": yuan_text(wish.monthly_limit_fen).removesuffix(".00"),
        "card": str(wish.card_id),
    }
