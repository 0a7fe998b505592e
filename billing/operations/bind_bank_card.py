"""Linking a bank card: the bank sends a code, and with it the customer agrees that the hall may take money.

No lock is held while the bank is asked. What it did without answering is undone, never guessed.
"""

import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Line
from accounts.operations.budgets import BudgetSpent, take_from_budget
from accounts.operations.sim_cards import require_no_recent_sim_change
from accounts.queries.lines import get_line
from billing.gateways.bank_base import (
    Agreement,
    BankCodeWrong,
    BankNotAsked,
    BankUnavailable,
    CardNotAccepted,
)
from billing.gateways.bank_registry import get_bank
from billing.models import BankAccountKind, BankCard, BankCardState, BoundBankAccount
from billing.queries.bank_cards import get_card, list_cards
from billing.queries.card_numbers import parse_card_number
from kernel.clock import SHANGHAI
from kernel.errors import DomainError

# Counted before the bank compares, in one conditional statement: no race gets more guesses than there are. A clock that
# was set back must not lengthen a code's life, so a code from the future does not count either.
_COUNT_GUESS = """
    UPDATE billing_bank_card SET guesses = guesses + 1
     WHERE account_id = %(account_id)s AND id = %(card_id)s AND state = 'WAITING'
       AND code_sent_at <= %(now)s AND code_expires_at > %(now)s AND guesses < %(limit)s
    RETURNING guesses
"""


class CardNumberInvalid(DomainError):
    """The text cannot be the number of a bank card: nobody was asked, nothing was counted."""

    code = "CARD_NUMBER_INVALID"
    message = _("This is not the number of a bank card.")
    cure = _("Enter all its digits and compare them with the card one by one.")
    http_status = 400
    field = "card_number"


class TooManyCards(DomainError):
    """As many cards are linked as may be."""

    code = "TOO_MANY_CARDS"
    message = _("No more cards can be linked to your account.")
    cure = _("Unlink one that you no longer use.")


class TooManyBankCodes(BudgetSpent):
    """As many codes were asked for as may be."""

    code = "TOO_MANY_BANK_CODES"
    message = _("The bank cannot send more codes just now.")


class BankCodeExpired(DomainError):
    """There is no code that could be right: too old, used already, or given up."""

    code = "BANK_CODE_EXPIRED"
    message = _("The bank's code has expired.")
    cure = _("Ask for a new code.")
    field = "code"


class TooManyBankGuesses(DomainError):
    """This code was guessed at as often as it may be."""

    code = "TOO_MANY_BANK_GUESSES"
    message = _("A wrong code was entered too often, so this code no longer works.")
    cure = _("Ask for a new code.")
    field = "code"


class BindingUnclear(BankUnavailable):
    """The bank was given the code and did not answer: the card is not linked here, and the bank is told so."""

    code = "BINDING_UNCLEAR"
    message = _("The bank did not answer, so the card is not linked.")
    cure = _("Start again in a few minutes.")


class CardBoundAlready(DomainError):
    """The same account at the bank is linked to this customer already, or its end is not yet known to the bank."""

    code = "CARD_BOUND_ALREADY"
    message = _("This card is linked to your account already, or still being unlinked.")
    http_status = 409


class CardBoundElsewhere(DomainError):
    """The same account at the bank is linked to another customer."""

    code = "CARD_BOUND_ELSEWHERE"
    message = _("This card is linked to another account with us.")
    cure = _("Unlink it there first.")
    http_status = 409


def start_binding(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    card_number: str,
    account_kind: BankAccountKind,
    request_key: str,
    now: datetime,
) -> BankCard:
    """Ask the bank for an agreement about a card; it sends its code to the line. Nothing can be taken yet.

    The number goes to the bank and stays nowhere else. Each code counts, whatever the bank says of the card, so that
    nobody tries out card numbers here.

    :param line_id: the line that gets the code.
    :param card_number: as it was entered: spaces and dashes between the digits, and full-width digits, do not matter.
    :param account_kind: which account of the card is to pay.
    :param request_key: made once per form; sent twice it is one card. 40 characters at most.
    :return: the card, WAITING, unless the repeat of one that has gone on.
    :raises NotFound: the account has no such line in use.
    :raises CardNumberInvalid: it cannot be the number of a card.
    :raises RecentSimChange: the line's SIM card was changed lately.
    :raises TooManyCards, TooManyBankCodes: a limit is reached.
    :raises CardNotAccepted: the bank does not let it be linked.
    :raises BankUnavailable: the bank does not answer.
    """
    line = get_line(account_id=account_id, line_id=line_id)
    try:
        number = parse_card_number(card_number)
    except ValueError:
        raise CardNumberInvalid from None
    bank = get_bank(settings.BANK)
    with transaction.atomic():
        known = BankCard.objects.filter(account_id=account_id, request_key=request_key).first()
        if known:
            return known
        require_no_recent_sim_change(account_id=account_id, line_id=line_id, now=now)
        if bank.is_left_alone:
            raise BankNotAsked
        if len(list_cards(account_id)) >= settings.BANK_CARDS_PER_ACCOUNT:
            raise TooManyCards
        try:
            _take_code_budgets(line, now)
        except TooManyBankCodes:
            # Sent twice at once: the other one has just taken the code, and both get its card.
            twin = BankCard.objects.filter(account_id=account_id, request_key=request_key).first()
            if twin is None:
                raise
            return twin
        wanted = new_card(line=line, last_four=number[-4:], account_kind=account_kind, request_key=request_key, now=now)
        BankCard.objects.bulk_create([wanted], ignore_conflicts=True)
        card = BankCard.objects.get(account_id=account_id, request_key=request_key)
    if card.id != wanted.id:
        return card
    try:
        bank.request_agreement(
            agreement_number=card.agreement_number,
            card_number=number,
            account_kind=account_kind,
            msisdn=line.msisdn,
            now=now,
        )
    except (CardNotAccepted, BankUnavailable):
        _lapse(card, now)
        raise
    return card


def send_binding_code_again(*, account_id: uuid.UUID, card_id: uuid.UUID, now: datetime) -> BankCard:
    """Have the bank send a fresh code for a card that waits for one; the one before stops working.

    :raises NotFound: the account has no such card.
    :raises BankCodeExpired: the card does not wait for a code.
    :raises TooManyBankCodes: a limit is reached.
    :raises CardNotAccepted, BankUnavailable: the bank sends none.
    """
    card = get_card(account_id, card_id)
    if card.state != BankCardState.WAITING:
        raise BankCodeExpired(cure=_("Start again."))
    line = get_line(account_id=account_id, line_id=card.line_id)
    with transaction.atomic():
        _take_code_budgets(line, now)
    get_bank(card.bank).send_code_again(agreement_number=card.agreement_number, now=now)
    expires_at = _code_expires_at(now)
    # Only now that the bank has forgotten the code before: its guesses must not begin anew.
    BankCard.objects.filter(account_id=account_id, id=card_id, state=BankCardState.WAITING).update(
        guesses=0, code_sent_at=now, code_expires_at=expires_at, ask_at=expires_at
    )
    return get_card(account_id, card_id)


def confirm_binding(*, account_id: uuid.UUID, card_id: uuid.UUID, code: str, now: datetime) -> BankCard:
    """Give the bank its code back; from now on the card can pay. A repeat of the right code changes nothing.

    Opens transactions of its own, so that a counted guess stays counted.

    :raises NotFound: the account has no such card.
    :raises BankCodeWrong: not the code; one guess less is left.
    :raises BankCodeExpired: no live code; nothing was counted.
    :raises TooManyBankGuesses: the code's guesses are used up, this one among them or before.
    :raises CardNotAccepted: the bank does not link it after all.
    :raises BankNotAsked: the bank is left alone for a moment; nothing was counted.
    :raises BindingUnclear: the bank did not answer; the card is not linked.
    :raises CardBoundAlready, CardBoundElsewhere: the account behind the card is linked.
    """
    card = get_card(account_id, card_id)
    if card.state == BankCardState.ACTIVE:
        return card
    bank = get_bank(card.bank)
    if bank.is_left_alone:
        raise BankNotAsked
    guesses_left = settings.BANK_CODE_GUESSES - _count_guess(card, now)
    try:
        agreement = bank.sign_agreement(agreement_number=card.agreement_number, code=code, now=now)
    except BankCodeWrong:
        raise (_wrong(guesses_left) if guesses_left else TooManyBankGuesses) from None
    except CardNotAccepted:
        _lapse(card, now)
        raise
    except BankNotAsked:
        raise
    except BankUnavailable:
        _give_back(card, now)
        raise BindingUnclear from None
    return write_agreement(card=card, agreement=agreement, now=now)


def new_card(*, line: Line, last_four: str, account_kind: BankAccountKind, request_key: str, now: datetime) -> BankCard:
    """Return a card of the bank in use that waits for its code, not written down yet."""
    return BankCard(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        bank=settings.BANK,
        account_kind=account_kind,
        last_four=last_four,
        request_key=request_key,
        agreement_number=f"A{now.astimezone(SHANGHAI):%Y%m%d}{secrets.token_hex(12)}",
        asked_at=now,
        code_sent_at=now,
        code_expires_at=_code_expires_at(now),
        ask_at=_code_expires_at(now),
    )


def write_agreement(*, card: BankCard, agreement: Agreement, now: datetime) -> BankCard:
    """Write a signed agreement down: the card can pay. Is the account behind it linked, it is given back to the bank.

    :param card: WAITING; one that is ACTIVE already stays as it is.
    :raises BindingUnclear: the card was given up meanwhile.
    :raises CardBoundAlready, CardBoundElsewhere: the account behind the card is linked.
    """
    with transaction.atomic():
        card = BankCard.objects.select_for_update(no_key=True, of=("self",)).get(account_id=card.account_id, id=card.id)
        if card.state == BankCardState.ACTIVE:
            return card
        if card.state != BankCardState.WAITING:
            raise BindingUnclear
        card.token, card.account_reference = agreement.token, agreement.account_reference
        key = BoundBankAccount.key_of(card)
        bound = BoundBankAccount(key=key, account_id=card.account_id, card_id=card.id)
        BoundBankAccount.objects.bulk_create([bound], ignore_conflicts=True)
        holder = BoundBankAccount.objects.get(key=key)
        if holder.card_id == card.id:
            card.state, card.bound_at, card.ask_at = BankCardState.ACTIVE, now, None
        else:
            card.state, card.ask_at = BankCardState.UNBINDING, now
        card.save(update_fields=["token", "account_reference", "state", "bound_at", "ask_at"])
    if card.state == BankCardState.ACTIVE:
        return card
    raise CardBoundAlready if holder.account_id == card.account_id else CardBoundElsewhere


def _take_code_budgets(line: Line, now: datetime) -> None:
    """Take one from each budget, or from none: the caller's transaction takes back what was counted before."""
    budgets = (
        (f"bank-code:number:resend:{line.msisdn}", 1, timedelta(seconds=settings.BANK_CODE_RESEND_AFTER)),
        (f"bank-code:number:hour:{line.msisdn}", settings.BANK_CODES_PER_HOUR, timedelta(hours=1)),
        (f"bank-code:number:day:{line.msisdn}", settings.BANK_CODES_PER_DAY, timedelta(days=1)),
        (f"bank-code:account:day:{line.account_id}", settings.BANK_CODES_PER_DAY, timedelta(days=1)),
    )
    try:
        for key, limit, period in budgets:
            take_from_budget(key=key, limit=limit, period=period, now=now)
    except BudgetSpent as spent:
        raise TooManyBankCodes(next_at=spent.next_at, now=now) from None


def _count_guess(card: BankCard, now: datetime) -> int:
    values = {"account_id": card.account_id, "card_id": card.id, "now": now, "limit": settings.BANK_CODE_GUESSES}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_COUNT_GUESS, values)
        counted = cursor.fetchone()
    if counted:
        return int(counted[0])
    guessed_up = BankCard.objects.filter(
        account_id=card.account_id,
        id=card.id,
        state=BankCardState.WAITING,
        code_expires_at__gt=now,
        guesses__gte=settings.BANK_CODE_GUESSES,
    )
    raise TooManyBankGuesses if guessed_up.exists() else BankCodeExpired


def _wrong(guesses_left: int) -> BankCodeWrong:
    cure = ngettext(
        "Look at the newest text and enter its 6 digits. You have %(count)d more try.",
        "Look at the newest text and enter its 6 digits. You have %(count)d more tries.",
        guesses_left,
    )
    return BankCodeWrong(cure=cure % {"count": guesses_left})


def _lapse(card: BankCard, now: datetime) -> None:
    BankCard.objects.filter(account_id=card.account_id, id=card.id, state=BankCardState.WAITING).update(
        state=BankCardState.LAPSED, ended_at=now, ask_at=None
    )


def _give_back(card: BankCard, now: datetime) -> None:
    """Leave it to `settle_bank_cards` to tell the bank that there is no agreement."""
    BankCard.objects.filter(account_id=card.account_id, id=card.id, state=BankCardState.WAITING).update(
        state=BankCardState.UNBINDING, ask_at=now
    )


def _code_expires_at(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.BANK_CODE_LIFETIME)
