"""Automatic top-up (自动充值): below the customer's threshold a card of theirs pays, once for each fall.

Whatever nudges, one caller at a time looks, under the lock of the customer's wish: what is on its way or unclear blocks
the next, and a month's limit counts what may still arrive.
"""

import uuid
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Line
from accounts.operations.sim_cards import require_no_recent_sim_change
from accounts.queries.lines import get_line, list_lines
from billing.gateways.bank_registry import get_bank
from billing.models import AutomaticTopUp, AutomaticTopUpState, CardPayment, TopUp
from billing.operations.card_payments import (
    CardLimitExceeded,
    locked_card,
    open_card_payment,
    require_usable,
    send_card_payment,
)
from billing.queries.automatic_top_ups import is_automatic_payment_open
from billing.queries.balance import get_balance
from billing.queries.bank_cards import is_usable
from billing.queries.card_limits import get_automatic_month_fen, get_card_limits
from billing.task_names import TOP_UP_AUTOMATICALLY
from billing.texts import AUTOMATIC_TOP_UP_AT_LIMIT
from kernel.channel import Channel
from kernel.clock import month_of
from kernel.enqueue import enqueue_after_commit
from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.masking import mask_msisdn
from kernel.money import require_amount_between, yuan_text
from messaging.operations.queue_sms import queue_sms

# Until somebody who cannot pay at all (a card that is not usable, a day's limit reached) is looked at again.
_REST = timedelta(hours=1)
# What is left of a wallet once all that is owed is paid.
_LEFT = """
    wallet.cash_fen + wallet.bonus_fen - coalesce((
        SELECT sum(charge.amount_fen) FROM billing_charge AS charge
         WHERE charge.account_id = wish.account_id AND charge.settled_at IS NULL
    ), 0)
"""
# Who was paid for and is at the threshold again waits for the next fall. Whoever is looked at just now is left to that.
_ARM = f"""
    UPDATE billing_automatic_top_up
       SET waits_for_rise = false
     WHERE account_id IN (
         SELECT wish.account_id
           FROM billing_automatic_top_up AS wish
           JOIN billing_wallet AS wallet ON wallet.account_id = wish.account_id
          WHERE wish.waits_for_rise AND {_LEFT} >= wish.threshold_fen
            FOR NO KEY UPDATE OF wish SKIP LOCKED
     )
"""  # noqa: S608 (our own text)
_FALLEN = f"""
    SELECT wish.account_id
      FROM billing_automatic_top_up AS wish
      JOIN billing_wallet AS wallet ON wallet.account_id = wish.account_id
     WHERE wish.state = 'ON' AND wish.next_try_at <= %(now)s AND NOT wish.waits_for_rise
       AND {_LEFT} < wish.threshold_fen
       AND NOT EXISTS (
           SELECT 1 FROM billing_card_payment AS payment
            WHERE payment.account_id = wish.account_id AND payment.automatic
              AND payment.state IN ('PENDING', 'UNKNOWN')
       )
     ORDER BY wish.next_try_at
     LIMIT %(limit)s
"""  # noqa: S608 (our own text)


log = structlog.get_logger(__name__)


class ThresholdNotBelowAmount(DomainError):
    """One top-up would not lift an empty wallet above the threshold."""

    code = "THRESHOLD_NOT_BELOW_AMOUNT"
    message = _("The balance at which it tops up must be below the amount that it tops up.")
    cure = _("Enter a lower balance or a larger amount.")
    field = "threshold"


class MonthlyLimitTooLow(DomainError):
    """Not even one top-up a month would fit."""

    code = "MONTHLY_LIMIT_TOO_LOW"
    message = _("The monthly limit must be at least the amount of one top-up.")
    cure = _("Enter a higher limit or a smaller amount.")
    field = "monthly_limit"


def set_automatic_top_up(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    card_id: uuid.UUID,
    threshold_fen: int,
    amount_fen: int,
    monthly_limit_fen: int,
    now: datetime,
) -> AutomaticTopUp:
    """Turn automatic top-up on, or change it; one that has stopped starts anew.

    A balance that is below the threshold already is topped up right away.

    :param line_id: the line that is topped up in name and gets the texts.
    :param threshold_fen: below this balance it tops up; more than 0 and less than `amount_fen`.
    :param monthly_limit_fen: most that it takes in a calendar month, in Shanghai.
    :raises NotFound: the account has no such line or card.
    :raises RecentSimChange: the line's SIM card was changed lately.
    :raises CardNotUsable: the card is not linked any more.
    :raises AmountOutOfRange: an amount is outside its limits.
    :raises ThresholdNotBelowAmount, MonthlyLimitTooLow: the amounts do not fit each other.
    :raises CardLimitExceeded: the card cannot pay so much at once.
    """
    line = get_line(account_id=account_id, line_id=line_id)
    require_no_recent_sim_change(account_id=account_id, line_id=line_id, now=now)
    minimum_fen, maximum_fen = settings.TOP_UP_MINIMUM_FEN, settings.TOP_UP_MAXIMUM_FEN
    require_amount_between(amount_fen, minimum_fen=minimum_fen, maximum_fen=maximum_fen)
    if threshold_fen >= amount_fen:
        raise ThresholdNotBelowAmount
    if threshold_fen <= 0:
        raise ThresholdNotBelowAmount(_("The balance at which it tops up must be more than zero."), cure="")
    if monthly_limit_fen < amount_fen:
        raise MonthlyLimitTooLow
    most_fen = settings.AUTOMATIC_TOP_UP_MONTH_MAXIMUM_FEN
    if monthly_limit_fen > most_fen:
        raise MonthlyLimitTooLow(
            _("The monthly limit can be at most %(most)s yuan.") % {"most": yuan_text(most_fen)}, cure=""
        )
    wish = AutomaticTopUp(
        account_id=account_id,
        line_id=line.id,
        card_id=card_id,
        threshold_fen=threshold_fen,
        amount_fen=amount_fen,
        monthly_limit_fen=monthly_limit_fen,
        next_try_at=now,
        changed_at=now,
    )
    with transaction.atomic():
        list(AutomaticTopUp.objects.select_for_update(no_key=True, of=("self",)).filter(account_id=account_id))
        card = locked_card(account_id=account_id, card_id=card_id)
        require_usable(card=card)
        limits = get_card_limits(card, now=now)
        if amount_fen > limits.payment_fen:
            raise CardLimitExceeded(payment_fen=limits.payment_fen, left_today_fen=limits.left_today_fen)
        AutomaticTopUp.objects.bulk_create(
            [wish],
            update_conflicts=True,
            unique_fields=["account"],
            update_fields=[
                *("line_id", "card_id", "threshold_fen", "amount_fen", "monthly_limit_fen", "state", "failures"),
                *("waits_for_rise", "next_try_at", "changed_at"),
            ],
        )
        enqueue_after_commit(TOP_UP_AUTOMATICALLY, account_id=str(account_id))
    return wish


def turn_off_automatic_top_up(*, account_id: uuid.UUID, now: datetime) -> None:
    """Turn automatic top-up off; what is on its way already still arrives. Doing it again changes nothing."""
    wishes = AutomaticTopUp.objects.filter(account_id=account_id).exclude(state=AutomaticTopUpState.OFF)
    wishes.update(state=AutomaticTopUpState.OFF, changed_at=now)


def turn_off_without_line(*, account_id: uuid.UUID, now: datetime) -> None:
    """Turn automatic top-up off for an account that has no line in use any more; others keep it."""
    if not list_lines(account_id=account_id):
        turn_off_automatic_top_up(account_id=account_id, now=now)


def top_up_automatically(*, account_id: uuid.UUID, now: datetime) -> TopUp | None:
    """Top an account up from its card if its balance has fallen below the customer's threshold. Any number may call.

    :return: the top-up that this call made, whatever became of it; None when there is nothing to do, or when it must
        wait: for an earlier one whose outcome is open, for the next try after a failure, or for the next month.
    """
    with transaction.atomic():
        wishes = AutomaticTopUp.objects.select_for_update(no_key=True, of=("self",))
        wish = wishes.filter(account_id=account_id, state=AutomaticTopUpState.ON, next_try_at__lte=now).first()
        payment = _open_payment(wish, now) if wish and _has_fallen(wish) else None
    return send_card_payment(payment=payment, now=now) if payment else None


def sweep_automatic_top_ups(*, now: datetime, limit: int = 100) -> int:
    """Top up every account whose fall no nudge told of.

    :param limit: how many at most.
    :return: how many top-ups were made.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ARM)
        cursor.execute(_FALLEN, {"now": now, "limit": limit})
        fallen = [account_id for (account_id,) in cursor.fetchall()]
    return sum(top_up_automatically(account_id=account_id, now=now) is not None for account_id in fallen)


def _has_fallen(wish: AutomaticTopUp) -> bool:
    """Look at the balance as it is now that the wish is locked."""
    if get_balance(wish.account_id).net_fen >= wish.threshold_fen:
        if wish.waits_for_rise:
            wish.waits_for_rise = False
            wish.save(update_fields=["waits_for_rise"])
        return False
    return not wish.waits_for_rise and not is_automatic_payment_open(wish.account_id)


def _open_payment(wish: AutomaticTopUp, now: datetime) -> CardPayment | None:
    """Write the payment down, or say when it can be looked at again."""
    line = _line_of(wish)
    card = locked_card(account_id=wish.account_id, card_id=wish.card_id)
    if line is None:
        # The notice of its closing was lost.
        turn_off_automatic_top_up(account_id=wish.account_id, now=now)
        return None
    if not is_usable(card):
        _wait_until(wish, now + _REST)
        return None
    if get_bank(card.bank).is_left_alone:
        return None
    spent_fen = get_automatic_month_fen(wish.account_id, now=now)
    if spent_fen + wish.amount_fen > wish.monthly_limit_fen:
        _tell_limit(wish, line, spent_fen, now)
        _wait_until(wish, month_of(now).ends_at)
        return None
    try:
        return open_card_payment(
            card=card,
            line=line,
            amount_fen=wish.amount_fen,
            request_key=f"automatic:{uuid7().hex}",
            channel=Channel.SYSTEM,
            now=now,
            monthly_limit_fen=wish.monthly_limit_fen,
        )
    except DomainError as refusal:
        # Mostly the card's limit of the day: tomorrow it can pay again. Neighbours must not wait for this one.
        log.warning("automatic_top_up_waits", account_id=str(wish.account_id), refusal=refusal.code)
        _wait_until(wish, now + _REST)
        return None


def _wait_until(wish: AutomaticTopUp, at: datetime) -> None:
    wish.next_try_at = at
    wish.save(update_fields=["next_try_at"])


def _line_of(wish: AutomaticTopUp) -> Line | None:
    """Return the line that was named, or another one in use of the account if that was closed."""
    lines = list_lines(account_id=wish.account_id)
    named = [line for line in lines if line.id == wish.line_id]
    return next(iter(named or lines), None)


def _tell_limit(wish: AutomaticTopUp, line: Line, spent_fen: int, now: datetime) -> None:
    """Once a month and limit, however often the balance falls."""
    queue_sms(
        account_id=wish.account_id,
        msisdn=line.msisdn,
        template=AUTOMATIC_TOP_UP_AT_LIMIT,
        language=line.language,
        values={
            "number": mask_msisdn(line.msisdn),
            "spent": yuan_text(spent_fen),
            "limit": yuan_text(wish.monthly_limit_fen),
        },
        dedup_key=f"automatic-top-up-limit:{month_of(now)}:{wish.monthly_limit_fen}",
        now=now,
    )
