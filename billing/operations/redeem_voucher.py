"""Recharge cards: the PIN of a card becomes money on an account, once."""

import unicodedata
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Line
from accounts.operations.budgets import BudgetSpent, take_from_budget
from accounts.operations.find_recipient import find_recipient
from accounts.queries.lines import get_line
from billing.models import TopUp, Voucher, VoucherState
from billing.operations.top_ups import confirm_top_up, start_top_up
from billing.queries.top_ups import get_top_up
from billing.queries.voucher_issuers import list_voucher_issuers
from kernel.channel import Channel
from kernel.errors import DomainError

PROVIDER = "VOUCHER"

# Whether the card may be used and that it is used now are one statement: of many callers one gets it.
_CLAIM = """
    UPDATE billing_voucher
       SET state = 'REDEEMED', redeemed_at = %(now)s, account_id = %(account_id)s, top_up_id = %(top_up_id)s
     WHERE pin_hash = %(pin_hash)s
       AND state = 'ACTIVE' AND expires_at > %(now)s
"""
# What people put between the groups of a PIN.
_BETWEEN_GROUPS = dict.fromkeys(map(ord, "-‐‑–—_. "))


class VoucherPinInvalid(DomainError):
    """The text cannot be the PIN of a card: nothing was looked up, no try was counted."""

    code = "VOUCHER_PIN_INVALID"
    message = _("This is not the PIN of a recharge card.")
    http_status = 400
    field = "pin"

    def __init__(self) -> None:
        digits = " / ".join(map(str, _pin_lengths()))
        super().__init__(cure=_("Enter all %(digits)s digits from under the scratch-off strip.") % {"digits": digits})


class VoucherWrong(DomainError):
    """There is no card with this PIN; the try was counted."""

    code = "VOUCHER_WRONG"
    message = _("There is no recharge card with this PIN.")
    field = "pin"

    def __init__(self, *, tries_left: int) -> None:
        cure = ngettext(
            "Compare it with the card digit by digit. You have %(count)d more try.",
            "Compare it with the card digit by digit. You have %(count)d more tries.",
            tries_left,
        )
        super().__init__(cure=cure % {"count": tries_left})


class VoucherLocked(BudgetSpent):
    """Too many wrong PINs were entered, this one among them or before: no PIN is looked at, the right one neither."""

    code = "VOUCHER_LOCKED"
    message = _("Recharging by card is locked, because wrong PINs were entered too often.")


class VoucherUsed(DomainError):
    """The card was used before, by somebody else or for another number."""

    code = "VOUCHER_USED"
    message = _("This recharge card has been used already.")
    cure = _("If it was not you, keep the card and its receipt and call our staff.")
    field = "pin"


class VoucherExpired(DomainError):
    """The last day of the card is over."""

    code = "VOUCHER_EXPIRED"
    message = _("This recharge card has expired.")
    cure = _("Our staff can tell you what becomes of its value.")
    field = "pin"


class VoucherBlocked(DomainError):
    """Staff blocked the card, for example because it was stolen."""

    code = "VOUCHER_BLOCKED"
    message = _("This recharge card is blocked.")
    cure = _("Take it back to where you bought it, or call our staff.")
    field = "pin"


class VoucherNotActive(DomainError):
    """The card was not sold yet, as far as we know."""

    code = "VOUCHER_NOT_ACTIVE"
    message = _("This recharge card is not active yet.")
    cure = _("Ask the shop that sold it to activate it, then try again.")
    field = "pin"


def redeem_voucher(
    *, account_id: uuid.UUID, line_id: uuid.UUID, msisdn: str, pin: str, channel: Channel, now: datetime
) -> TopUp:
    """Use a recharge card: claim it, credit its face value, queue the text. All of it or nothing, in one transaction.

    Only PINs that no card has count as tries. VOUCHER_WRONG_TRIES of them by one account, or by strangers for one
    number, lock for VOUCHER_LOCK_SECONDS after the last; a right PIN does not start the count anew, or else a guesser
    would only need some cheap cards. An owner's own number is locked by the owner's tries alone, so that nobody can
    lock it from outside.

    A refusal is raised after the counting is done: the caller must commit. What a card answers to its right PIN (used,
    expired, blocked, not active) tells a guesser nothing, as it takes the whole PIN to hear it.

    :param account_id: of the line that enters the card, `line_id`.
    :param msisdn: E.164, the number to credit; its own or anybody's.
    :param pin: as it was entered: spaces and dashes between the digits, and full-width digits, make no difference.
    :return: the top-up, SUCCEEDED; the same one when the same account enters the card for the same number again.
    :raises NotFound: the account has no such line in use.
    :raises NumberUnknown: no line in use has the number to credit.
    :raises BudgetSpent: the account looked at other people's numbers too often.
    :raises VoucherPinInvalid: not as many digits as a PIN has.
    :raises VoucherLocked: too many wrong tries.
    :raises VoucherWrong: no card has this PIN.
    :raises VoucherUsed, VoucherExpired, VoucherBlocked, VoucherNotActive: the card cannot be used.
    """
    payer = get_line(account_id=account_id, line_id=line_id)
    pin_hash = Voucher.hash_of(_tidy(pin))
    line = payer if msisdn == payer.msisdn else find_recipient(asker_account_id=account_id, msisdn=msisdn, now=now)
    voucher = _find(pin_hash, payer, line, now)
    top_up = _credit(voucher, payer, line, channel, now)
    if top_up is None:
        return _receipt(Voucher.objects.get(pin_hash=pin_hash), payer, line, now)
    return top_up


def _find(pin_hash: str, payer: Line, line: Line, now: datetime) -> Voucher:
    """Count a try, then look; the count of a PIN that exists is undone.

    What was counted is locked until the end of the transaction, so that many tries at once are counted one by one.

    :raises VoucherWrong, VoucherLocked: there is no such card, or it must not be looked for.
    """
    with transaction.atomic():
        tries = _count_try(payer, line, now)
        voucher = Voucher.objects.filter(pin_hash=pin_hash).first()
        if voucher is not None:
            transaction.set_rollback(True)
    if voucher is not None:
        return voucher
    tries_left = settings.VOUCHER_WRONG_TRIES - tries
    if tries_left <= 0:
        raise VoucherLocked(next_at=now + _lock_period(), now=now)
    raise VoucherWrong(tries_left=tries_left)


def _count_try(payer: Line, line: Line, now: datetime) -> int:
    """Always account first, then number, so that two who guess never wait for each other.

    :raises VoucherLocked: one of them is spent; nothing was counted.
    """
    keys = [f"voucher:wrong:account:{payer.account_id}"]
    if line.account_id != payer.account_id:
        keys.append(f"voucher:wrong:number:{line.msisdn}")
    try:
        return max(
            take_from_budget(
                key=key,
                limit=settings.VOUCHER_WRONG_TRIES,
                period=_lock_period(),
                now=now,
                prolong=True,
            )
            for key in keys
        )
    except BudgetSpent as spent:
        raise VoucherLocked(next_at=spent.next_at, now=now) from None


def _credit(voucher: Voucher, payer: Line, line: Line, channel: Channel, now: datetime) -> TopUp | None:
    """Claim the card for a top-up and credit that; None when the card cannot be used, and nothing happened."""
    with transaction.atomic():
        top_up = start_top_up(
            account_id=line.account_id,
            line_id=line.id,
            msisdn=line.msisdn,
            amount_fen=voucher.face_fen,
            channel=channel,
            provider=PROVIDER,
            idempotency_key=f"voucher:{voucher.serial_number}:{payer.account_id}:{line.msisdn}",
            now=now,
            payer_account_id=None if line.account_id == payer.account_id else payer.account_id,
        )
        if _claim(voucher.pin_hash, top_up, now):
            return confirm_top_up(
                account_id=top_up.account_id,
                top_up_id=top_up.id,
                paid_fen=voucher.face_fen,
                provider_payment_number=voucher.serial_number,
                now=now,
            )
        transaction.set_rollback(True)
    return None


def _claim(pin_hash: str, top_up: TopUp, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM, {"now": now, "account_id": top_up.account_id, "top_up_id": top_up.id, "pin_hash": pin_hash}
        )
        return bool(cursor.rowcount)


def _receipt(voucher: Voucher, payer: Line, line: Line, now: datetime) -> TopUp:
    """Return the top-up of a used card to whoever used it, for the same number; tell others why it cannot be used."""
    if voucher.account_id and voucher.top_up_id:
        top_up = get_top_up(voucher.account_id, voucher.top_up_id)
        paid_by = top_up.payer_account_id or top_up.account_id
        if (paid_by, top_up.msisdn) == (payer.account_id, line.msisdn):
            return top_up
        raise VoucherUsed
    if voucher.state == VoucherState.BLOCKED:
        raise VoucherBlocked
    raise VoucherExpired if voucher.expires_at <= now else VoucherNotActive


def _lock_period() -> timedelta:
    return timedelta(seconds=settings.VOUCHER_LOCK_SECONDS)


def _tidy(pin: str) -> str:
    """Return the bare digits.

    :raises VoucherPinInvalid: they are not those of a PIN.
    """
    digits = "".join(unicodedata.normalize("NFKC", pin).translate(_BETWEEN_GROUPS).split())
    if not (digits.isascii() and digits.isdigit() and len(digits) in _pin_lengths()):
        raise VoucherPinInvalid
    return digits


def _pin_lengths() -> list[int]:
    return sorted({issuer.pin_digits for issuer in list_voucher_issuers()})
