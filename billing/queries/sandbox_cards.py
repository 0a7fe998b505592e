"""Numbers of cards to try at the sandbox bank."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing.gateways.bank_sandbox import BEHAVIOURS, NOT_ACCEPTED, PREFIX, SandboxBank
from billing.queries.card_numbers import luhn_digit
from kernel.errors import Text

# So that a number is sixteen digits long with its check digit.
_OWN_DIGITS = 7


@dataclass(frozen=True, slots=True)
class SandboxCard:
    """A card to try, and what the sandbox bank does with it."""

    number: str
    behaviour: Text


def sandbox_card_number(*, msisdn: str, kind_of_card: str) -> str:
    """Return the number of a card that the sandbox bank gave to the holder of a phone number.

    :param msisdn: E.164.
    :param kind_of_card: a key of `billing.gateways.bank_sandbox.BEHAVIOURS`, or NOT_ACCEPTED.
    """
    digits = f"{PREFIX}{kind_of_card}{msisdn[-_OWN_DIGITS:]}"
    return digits + luhn_digit(digits)


def list_sandbox_cards(msisdn: str) -> list[SandboxCard]:
    """Return a card of each kind for the holder of a phone number; none outside demo mode or with another bank."""
    if not settings.DEMO_MODE or SandboxBank.name != settings.BANK:
        return []
    cards = [(kind_of_card, behaviour.label) for kind_of_card, behaviour in BEHAVIOURS.items()]
    cards.append((NOT_ACCEPTED, _("cannot be linked")))
    return [
        SandboxCard(sandbox_card_number(msisdn=msisdn, kind_of_card=kind_of_card), behaviour)
        for kind_of_card, behaviour in cards
    ]
