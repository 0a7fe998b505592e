"""Unlinking a bank card: here at once, at the bank as soon as it answers.

Locks go down the house: the automatic top-up first, then its card.
"""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from billing.gateways.bank_base import BankUnavailable
from billing.gateways.bank_registry import get_bank
from billing.models import AutomaticTopUp, AutomaticTopUpState, BankCard, BankCardState, BoundBankAccount
from billing.queries.bank_cards import get_card

_COLUMNS = [field.attname for field in BankCard._meta.concrete_fields]
# As with top-ups the claim sets when the bank is told next; after the last pause at that pace, until it knows.
_CLAIM_DUE = f"""
    UPDATE billing_bank_card
       SET asks = asks + 1,
           ask_at = %(now)s + coalesce((%(pauses)s::int[])[asks + 1], %(longest)s) * interval '1 second'
     WHERE state = 'UNBINDING' AND ask_at <= %(now)s
       AND (account_id, id) IN (
           SELECT account_id, id FROM billing_bank_card
            WHERE state = 'UNBINDING' AND ask_at <= %(now)s
            ORDER BY ask_at
            LIMIT %(limit)s
       )
    RETURNING {", ".join(_COLUMNS)}
"""  # noqa: S608 (the names of our own columns)


def unbind_card(*, account_id: uuid.UUID, card_id: uuid.UUID, now: datetime) -> BankCard:
    """Unlink a card: it pays nothing from now on, and automatic top-up from it is off. The bank is told right away.

    A card that still waits for its code is given up. Doing it again changes nothing.

    :return: the card: UNBOUND, or UNBINDING when the bank does not answer; it is told again until it does.
    :raises NotFound: the account has no such card.
    """
    with transaction.atomic():
        automatic = AutomaticTopUp.objects.select_for_update(no_key=True, of=("self",))
        using = automatic.filter(account_id=account_id, card_id=card_id).first()
        get_card(account_id, card_id)
        card = BankCard.objects.select_for_update(no_key=True, of=("self",)).get(account_id=account_id, id=card_id)
        if card.state == BankCardState.WAITING:
            card.state, card.ended_at, card.ask_at = BankCardState.LAPSED, now, None
            card.save(update_fields=["state", "ended_at", "ask_at"])
        if card.state != BankCardState.ACTIVE:
            return card
        first_pause = timedelta(seconds=settings.TOP_UP_ASK_AGAIN_AFTER[0])
        card.state, card.ask_at = BankCardState.UNBINDING, now + first_pause
        card.save(update_fields=["state", "ask_at"])
        if using and using.state == AutomaticTopUpState.ON:
            using.state, using.changed_at = AutomaticTopUpState.OFF, now
            using.save(update_fields=["state", "changed_at"])
    _tell(card, now)
    return get_card(account_id, card_id)


def settle_bank_cards(*, now: datetime, limit: int = 100) -> int:
    """Tell the bank of every agreement that has ended here and that it does not know of; let old codes lapse.

    :param limit: how many at most.
    :return: how many the bank was told of.
    """
    waiting = BankCard.objects.filter(state=BankCardState.WAITING, ask_at__lte=now)
    waiting.update(state=BankCardState.LAPSED, ended_at=now, ask_at=None)
    pauses = settings.TOP_UP_ASK_AGAIN_AFTER
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_DUE, {"now": now, "pauses": pauses, "longest": pauses[-1], "limit": limit})
        due = [BankCard.from_db(None, _COLUMNS, row) for row in cursor.fetchall()]
    for card in due:
        _tell(card, now)
    return len(due)


def release_card(*, card: BankCard, now: datetime) -> None:
    """Note that the agreement about a card has ended at the bank too, in the caller's transaction."""
    rows = BankCard.objects.filter(
        account_id=card.account_id, id=card.id, state__in=[BankCardState.ACTIVE, BankCardState.UNBINDING]
    )
    if rows.update(state=BankCardState.UNBOUND, token="", ended_at=now, ask_at=None):
        BoundBankAccount.objects.filter(key=BoundBankAccount.key_of(card), card_id=card.id).delete()


def _tell(card: BankCard, now: datetime) -> None:
    try:
        get_bank(card.bank).end_agreement(agreement_number=card.agreement_number, now=now)
    except BankUnavailable:
        return
    with transaction.atomic():
        release_card(card=card, now=now)
