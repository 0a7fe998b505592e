"""Top-ups paid from a linked bank card. The bank is asked once, outside any lock; what it did is never guessed.

Locks go down the house: automatic top-up, card, top-up, wallet, payment.
"""

import uuid
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Line
from accounts.queries.lines import get_line_by_msisdn
from billing.gateways.bank_base import BankNotAsked, BankPayment, BankPaymentOutcome, BankUnavailable
from billing.gateways.bank_registry import get_bank
from billing.models import BankCard, BankCardState, CardPayment, TopUp, TopUpFailure, TopUpState
from billing.operations.automatic_outcomes import note_automatic_failure, note_automatic_success
from billing.operations.ledger import IdempotencyConflict
from billing.operations.top_ups import confirm_top_up, fail_top_up, start_top_up
from billing.operations.unbind_bank_card import release_card
from billing.queries.bank_cards import get_card, is_usable
from billing.queries.campaigns import get_bonus_offer
from billing.queries.card_limits import get_card_limits
from billing.queries.top_ups import get_top_up
from kernel.channel import Channel
from kernel.errors import DomainError, NotFound
from kernel.money import yuan_text

PROVIDER = "BANK_CARD"

_OPEN_STATES = [TopUpState.PENDING, TopUpState.UNKNOWN]
# A payment that is late may have been begun just in time by a bank whose clock is behind ours.
_CLOCKS_DIFFER_BY = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class CardNotUsable(DomainError):
    """The card is not linked any more, or its bank is not spoken to."""

    code = "CARD_NOT_USABLE"
    message = _("This card is not linked any more.")
    cure = _("Choose another way to pay.")
    http_status = 409


class CardLimitExceeded(DomainError):
    """The amount is more than the card may pay at once, or what is left of the day."""

    code = "CARD_LIMIT_EXCEEDED"
    field = "amount"

    def __init__(self, *, payment_fen: int, left_today_fen: int) -> None:
        super().__init__(
            _("This card pays at most %(payment)s yuan at once, and %(left)s yuan more today.")
            % {"payment": yuan_text(payment_fen), "left": yuan_text(left_today_fen)},
            cure=_("Enter a smaller amount, or choose another way to pay."),
        )


def pay_with_card(
    *,
    account_id: uuid.UUID,
    card_id: uuid.UUID,
    msisdn: str,
    amount_fen: int,
    request_key: str,
    channel: Channel,
    now: datetime,
) -> TopUp:
    """Top up any number in use from a card of one's own, with the best bonus that runs, and ask the bank to pay.

    :param account_id: whose card it is, and who pays.
    :param msisdn: E.164, the number to top up.
    :param request_key: made once per form; sent twice it is one payment. 40 characters at most.
    :return: the top-up: SUCCEEDED, FAILED with the bank's reason, PENDING while the bank is at it, or UNKNOWN when the
        bank did not answer; then it is asked until it is known.
    :raises NumberUnknown: no line in use has the number.
    :raises NotFound: the account has no such card.
    :raises AmountOutOfRange: the amount is outside the limits of a top-up.
    :raises CardNotUsable: the card is not linked any more.
    :raises CardLimitExceeded: the amount is above the limits of the card.
    :raises IdempotencyConflict: the form was sent before with other details.
    :raises BankUnavailable: the bank is left alone for a moment; nothing was written.
    """
    line = get_line_by_msisdn(msisdn)
    get_card(account_id, card_id)
    with transaction.atomic():
        card = locked_card(account_id=account_id, card_id=card_id)
        known = CardPayment.objects.filter(account_id=account_id, request_key=request_key).first()
        if known:
            return _repeated(known, card, line, amount_fen)
        require_usable(card=card)
        if get_bank(card.bank).is_left_alone:
            raise BankNotAsked
        payment = open_card_payment(
            card=card, line=line, amount_fen=amount_fen, request_key=request_key, channel=channel, now=now
        )
    return send_card_payment(payment=payment, now=now)


def locked_card(*, account_id: uuid.UUID, card_id: uuid.UUID) -> BankCard:
    """Return a card under its lock, so that its limits are counted by one caller at a time.

    :raises NotFound: the account has no such card.
    """
    rows = BankCard.objects.select_for_update(no_key=True, of=("self",))
    card = rows.filter(account_id=account_id, id=card_id).first()
    if card is None:
        raise NotFound
    return card


def require_usable(*, card: BankCard) -> None:
    """Refuse a card that cannot pay.

    :raises CardNotUsable: it is not linked, or its bank is not the one in use.
    """
    if not is_usable(card):
        raise CardNotUsable


def open_card_payment(
    *,
    card: BankCard,
    line: Line,
    amount_fen: int,
    request_key: str,
    channel: Channel,
    now: datetime,
    monthly_limit_fen: int | None = None,
) -> CardPayment:
    """Write a payment and its top-up down, in the transaction that holds the card. The bank is not asked yet.

    :param line: the line to top up.
    :param monthly_limit_fen: of an automatic payment: the limit it keeps; None is a payment that the customer makes.
    :raises AmountOutOfRange: the amount is outside the limits of a top-up.
    :raises CardLimitExceeded: it is above the limits of the card.
    """
    limits = get_card_limits(card, now=now)
    if amount_fen > min(limits.payment_fen, limits.left_today_fen):
        raise CardLimitExceeded(payment_fen=limits.payment_fen, left_today_fen=limits.left_today_fen)
    top_up = start_top_up(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        amount_fen=amount_fen,
        channel=channel,
        provider=PROVIDER,
        idempotency_key=f"card:{card.account_id}:{request_key}",
        now=now,
        payer_account_id=None if line.account_id == card.account_id else card.account_id,
        offer=get_bonus_offer(line.account_id, amount_fen, now=now),
        expires_at=now + timedelta(seconds=settings.BANK_PAYMENT_LIFETIME),
        ask_at=now + timedelta(seconds=settings.BANK_FIRST_ASK_AFTER),
    )
    return CardPayment.objects.create(
        account_id=card.account_id,
        id=top_up.id,
        card_id=card.id,
        credited_account_id=line.account_id,
        amount_fen=amount_fen,
        automatic=monthly_limit_fen is not None,
        limit_fen=monthly_limit_fen,
        request_key=request_key,
        requested_at=now,
    )


def send_card_payment(*, payment: CardPayment, now: datetime) -> TopUp:
    """Ask the bank to pay, once: of many callers one asks. Outside any transaction.

    :return: the top-up as it stands afterwards.
    """
    top_up = get_top_up(payment.credited_account_id, payment.id)
    if not _rows(payment).filter(sent_at=None).update(sent_at=now):
        return top_up
    card = get_card(payment.account_id, payment.card_id)
    if card.state != BankCardState.ACTIVE:
        return _fail(payment, top_up, TopUpFailure.AGREEMENT_ENDED, now)
    try:
        answer = get_bank(card.bank).pay(
            payment_number=top_up.payment_number,
            token=card.token,
            amount_fen=payment.amount_fen,
            expires_at=top_up.expires_at,
            now=now,
        )
    except BankNotAsked:
        return _fail(payment, top_up, TopUpFailure.BANK_NOT_ASKED, now)
    except BankUnavailable:
        return _leave_unknown(payment, top_up)
    return _settle(payment, top_up, answer, now)


def ask_bank_about(*, top_up: TopUp, now: datetime) -> TopUp:
    """Ask the bank what became of a payment that is on its way or unclear, and carry that out.

    One that nobody came to send is given up: the bank has not heard of it.

    :param top_up: paid by card.
    :return: the top-up as it stands afterwards; UNKNOWN when there was no usable answer.
    """
    payer_id = top_up.payer_account_id or top_up.account_id
    payment = CardPayment.objects.get(account_id=payer_id, id=top_up.id)
    if _rows(payment).filter(sent_at=None).update(sent_at=now):
        return _fail(payment, top_up, TopUpFailure.BANK_NOT_ASKED, now)
    card = get_card(payment.account_id, payment.card_id)
    try:
        answer = get_bank(card.bank).query_payment(payment_number=top_up.payment_number, now=now)
    except BankUnavailable:
        return _leave_unknown(payment, top_up)
    return _settle(payment, top_up, answer, now)


def _repeated(payment: CardPayment, card: BankCard, line: Line, amount_fen: int) -> TopUp:
    if (payment.card_id, payment.credited_account_id, payment.amount_fen) != (card.id, line.account_id, amount_fen):
        raise IdempotencyConflict
    top_up = get_top_up(payment.credited_account_id, payment.id)
    if top_up.line_id != line.id:
        raise IdempotencyConflict
    return top_up


def _settle(payment: CardPayment, top_up: TopUp, answer: BankPayment, now: datetime) -> TopUp:
    if answer.outcome is BankPaymentOutcome.PAID:
        return _credit(payment, top_up, answer, now)
    if answer.outcome is BankPaymentOutcome.REFUSED:
        return _fail(payment, top_up, answer.refusal, now)
    never_heard = answer.outcome is BankPaymentOutcome.NEVER_HEARD_OF
    if never_heard and now >= top_up.expires_at + _CLOCKS_DIFFER_BY:
        return _fail(payment, top_up, TopUpFailure.NOT_PAID_IN_TIME, now)
    return top_up


def _credit(payment: CardPayment, top_up: TopUp, answer: BankPayment, now: datetime) -> TopUp:
    card = get_card(payment.account_id, payment.card_id)
    try:
        with transaction.atomic():
            credited = confirm_top_up(
                account_id=top_up.account_id,
                top_up_id=top_up.id,
                paid_fen=answer.paid_fen,
                provider_payment_number=answer.bank_number,
                taken_from_card=card.last_four if payment.automatic else "",
                now=now,
            )
            # Money that arrives after it was given up is the customer's, as with every top-up.
            unpaid = CardPayment.objects.filter(account_id=payment.account_id, id=payment.id)
            unpaid = unpaid.exclude(state=TopUpState.SUCCEEDED)
            paid = unpaid.update(state=TopUpState.SUCCEEDED, failure="", finished_at=now)
            if paid and payment.automatic:
                note_automatic_success(account_id=payment.account_id)
    except DomainError as error:
        # What the bank says does not fit: staff see it as UNKNOWN, and nothing was credited.
        log.exception("card_payment_not_settled", top_up_id=str(top_up.id), refusal=error.code)
        return _leave_unknown(payment, top_up)
    return credited


def _fail(payment: CardPayment, top_up: TopUp, failure: TopUpFailure, now: datetime) -> TopUp:
    with transaction.atomic():
        failed = fail_top_up(account_id=top_up.account_id, top_up_id=top_up.id, failure=failure, now=now)
        if failed.state != TopUpState.FAILED:
            return failed
        if not _rows(payment).update(state=TopUpState.FAILED, failure=failure, finished_at=now):
            return failed
        if payment.automatic:
            note_automatic_failure(payment=payment, failure=failure, now=now)
        if failure is TopUpFailure.AGREEMENT_ENDED:
            card = get_card(payment.account_id, payment.card_id)
            if card.state == BankCardState.ACTIVE:
                release_card(card=card, now=now)
    return failed


def _leave_unknown(payment: CardPayment, top_up: TopUp) -> TopUp:
    with transaction.atomic():
        TopUp.objects.filter(account_id=top_up.account_id, id=top_up.id, state=TopUpState.PENDING).update(
            state=TopUpState.UNKNOWN
        )
        _rows(payment).update(state=TopUpState.UNKNOWN)
    return get_top_up(top_up.account_id, top_up.id)


def _rows(payment: CardPayment) -> QuerySet[CardPayment]:
    """Return the payment while it is open: of many who learn its outcome one finds it."""
    return CardPayment.objects.filter(account_id=payment.account_id, id=payment.id, state__in=_OPEN_STATES)
