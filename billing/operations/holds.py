"""Money set aside: reserved, then captured, set free or expired, once.

A hold's row is taken before its wallet, everywhere.
"""

import hashlib
import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import BillHead, ChargeReason, Counterpart, Hold, HoldState, HoldStep
from billing.operations.charge import ChargeRequest, charge_from_hold
from billing.operations.ledger import IdempotencyConflict, post_entries
from billing.queries.holds import get_hold
from kernel.errors import DomainError
from kernel.ids import uuid7

REASON_KIND = "HOLD"


class HoldEnded(DomainError):
    """The hold was captured, set free or expired before."""

    code = "HOLD_ENDED"
    message = _("This money is not set aside any more.")
    cure = _("Set it aside anew.")
    http_status = 409


class CaptureTooLarge(DomainError):
    """More would be captured than was set aside."""

    code = "CAPTURE_TOO_LARGE"
    message = _("More would be taken than was set aside.")
    cure = _("Take what was set aside, or less.")
    field = "amount"


def reserve(
    *, account_id: uuid.UUID, amount_fen: int, purpose: str, hold_key: str, expires_at: datetime, now: datetime
) -> Hold:
    """Set money of a wallet aside, once per key, in the caller's transaction. A refusal leaves nothing of it behind.

    :param amount_fen: more than zero.
    :param purpose: in words the customer understands.
    :param hold_key: unique per account, 120 characters at most.
    :param expires_at: when it is set free by itself, after `now`.
    :return: the hold; of the first call, if the key was used before with the same amount and purpose.
    :raises InsufficientBalance: the wallet cannot spare so much.
    :raises IdempotencyConflict: the key was used before for something else.
    :raises WalletMissing: the account has no wallet.
    """
    if amount_fen <= 0 or expires_at <= now:
        raise ValueError("a hold sets something aside for a while")
    wanted = Hold(
        account_id=account_id,
        id=uuid7(),
        amount_fen=amount_fen,
        purpose=purpose,
        hold_key=hold_key,
        request_hash=hashlib.sha256(f"{amount_fen}|{purpose}".encode()).hexdigest(),
        held_at=now,
        expires_at=expires_at,
    )
    with transaction.atomic():
        Hold.objects.bulk_create([wanted], ignore_conflicts=True)
        hold = Hold.objects.get(account_id=account_id, hold_key=hold_key)
        if hold.id == wanted.id:
            _hold_back(hold, amount_fen, now)
            _note(hold, 1, HoldState.HELD, amount_fen, now)
        elif hold.request_hash != wanted.request_hash:
            raise IdempotencyConflict
    return hold


def capture(
    *,
    account_id: uuid.UUID,
    hold_id: uuid.UUID,
    amount_fen: int,
    line_id: uuid.UUID,
    msisdn: str,
    language: str,
    head: BillHead,
    name: str,
    provider_name: str,
    reason: ChargeReason,
    reason_id: uuid.UUID,
    now: datetime,
) -> Hold:
    """Charge held money, the whole or a part; what is left is free again. The same capture again changes nothing.

    It is a charge like any other, with its notice and its line on the bill; the arguments are those of `charge_wallet`.

    :param amount_fen: more than zero, no more than was set aside.
    :return: the hold, CAPTURED.
    :raises HoldEnded: it was set free, has expired, or another amount was captured.
    :raises CaptureTooLarge: more than was set aside.
    :raises NotFound: the account has no such hold.
    """
    if amount_fen <= 0:
        raise ValueError("a capture takes something")
    request = ChargeRequest(
        account_id=account_id,
        line_id=line_id,
        msisdn=msisdn,
        language=language,
        head=head,
        name=name,
        provider_name=provider_name,
        amount_fen=amount_fen,
        reason=reason,
        reason_id=reason_id,
        charge_key=f"hold:{hold_id}",
        may_owe=False,
    )
    with transaction.atomic():
        hold = get_hold(account_id, hold_id)
        if amount_fen > hold.amount_fen:
            raise CaptureTooLarge
        if not _end(hold, HoldState.CAPTURED, captured_fen=amount_fen, now=now):
            return _captured_before(account_id, hold_id, amount_fen)
        charge_from_hold(request=request, held_fen=hold.amount_fen, now=now)
    return get_hold(account_id, hold_id)


def release(*, account_id: uuid.UUID, hold_id: uuid.UUID, now: datetime) -> Hold:
    """Set held money free. Once more, or after it expired, changes nothing.

    :return: the hold, RELEASED or EXPIRED.
    :raises HoldEnded: it was captured.
    :raises NotFound: the account has no such hold.
    """
    with transaction.atomic():
        _set_free(get_hold(account_id, hold_id), HoldState.RELEASED, now)
        hold = get_hold(account_id, hold_id)
        if hold.state == HoldState.CAPTURED:
            raise HoldEnded
    return hold


def expire_holds(*, now: datetime, limit: int = 500) -> int:
    """Set free what was set aside for too long, each hold in a transaction of its own.

    :param limit: how many at most.
    :return: how many expired.
    """
    due = Hold.objects.filter(state=HoldState.HELD, expires_at__lte=now).order_by("expires_at")
    expired = 0
    for hold in list(due[:limit]):
        with transaction.atomic():
            expired += _set_free(hold, HoldState.EXPIRED, now)
    return expired


def _end(hold: Hold, state: HoldState, *, captured_fen: int = 0, now: datetime) -> bool:
    """End a hold if nobody else has: of many callers one gets the row. A capture is in time until the very end."""
    held = Hold.objects.filter(account_id=hold.account_id, id=hold.id, state=HoldState.HELD)
    if state == HoldState.CAPTURED:
        held = held.filter(expires_at__gt=now)
    if not held.update(state=state, captured_fen=captured_fen, ended_at=now):
        return False
    _note(hold, 2, state, captured_fen or hold.amount_fen, now)
    return True


def _set_free(hold: Hold, state: HoldState, now: datetime) -> bool:
    """End a hold without taking anything, if nobody else has ended it."""
    if not _end(hold, state, now=now):
        return False
    _hold_back(hold, -hold.amount_fen, now)
    return True


def _hold_back(hold: Hold, held_change_fen: int, now: datetime) -> None:
    """Set aside (positive) or set free in the wallet; no money moves."""
    post_entries(
        account_id=hold.account_id,
        posting_key=f"hold:{hold.id}",
        amount_fen=0,
        counterpart=Counterpart.REVENUE,
        reason_kind=REASON_KIND,
        reason_id=hold.id,
        held_change_fen=held_change_fen,
        now=now,
    )


def _note(hold: Hold, number: int, state: HoldState, amount_fen: int, now: datetime) -> None:
    HoldStep.objects.create(
        account_id=hold.account_id, hold_id=hold.id, number=number, state=state, amount_fen=amount_fen, at=now
    )


def _captured_before(account_id: uuid.UUID, hold_id: uuid.UUID, amount_fen: int) -> Hold:
    hold = get_hold(account_id, hold_id)
    if (hold.state, hold.captured_fen) != (HoldState.CAPTURED, amount_fen):
        raise HoldEnded
    return hold
