"""Reads linked bank cards. The one ownership rule: a card is its account's, and nobody else ever sees it."""

import uuid

from django.conf import settings

from billing.gateways.bank_registry import BANKS
from billing.models import BankCard, BankCardState, CardPayment, TopUp
from kernel.errors import NotFound

_SHOWN = [BankCardState.ACTIVE, BankCardState.UNBINDING]


def is_linking_offered() -> bool:
    """Tell whether there is a bank whose cards can be linked."""
    return settings.BANK in BANKS


def get_card(account_id: uuid.UUID, card_id: uuid.UUID) -> BankCard:
    """Return a card of an account, whatever its state.

    :raises NotFound: the account has no such card.
    """
    card = BankCard.objects.filter(account_id=account_id, id=card_id).first()
    if card is None:
        raise NotFound
    return card


def is_usable(card: BankCard) -> bool:
    """Tell whether a card can pay: it is linked, and its bank is the one in use."""
    return card.state == BankCardState.ACTIVE and card.bank == settings.BANK


def list_cards(account_id: uuid.UUID) -> list[BankCard]:
    """Return the cards that are linked or still being unlinked at the bank, oldest first."""
    return list(BankCard.objects.filter(account_id=account_id, state__in=_SHOWN).order_by("bound_at", "id"))


def list_usable_cards(account_id: uuid.UUID) -> list[BankCard]:
    """Return the cards that can pay now, oldest first; none while their bank is not the one in use."""
    if not is_linking_offered():
        return []
    usable = BankCard.objects.filter(account_id=account_id, state=BankCardState.ACTIVE, bank=settings.BANK)
    return list(usable.order_by("bound_at", "id"))


def find_card_payment(payer_account_id: uuid.UUID, top_up: TopUp) -> CardPayment | None:
    """Return the payment behind a top-up with its card, to the one who paid; None when no card of theirs did."""
    payments = CardPayment.objects.filter(account_id=payer_account_id, id=top_up.id)
    return payments.select_related("card").first()
