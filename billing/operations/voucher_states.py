"""What staff do to recharge cards: activate and block, a whole batch or one card. Each act leaves its row."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Voucher, VoucherAct, VoucherBatch, VoucherBatchState, VoucherCard, VoucherDeed, VoucherState
from kernel.errors import DomainError, NotFound

_FOR_ACTIVATION = (VoucherState.ISSUED,)
_FOR_BLOCKING = (VoucherState.ISSUED, VoucherState.ACTIVE)


class BlockReasonMissing(DomainError):
    """Cards are not blocked without saying why."""

    code = "VOUCHER_BLOCK_REASON_MISSING"
    message = _("Say why, in at most 200 characters.")
    field = "reason"


class NoCardConcerned(DomainError):
    """None of the cards is in a state in which this can be done to it."""

    code = "VOUCHER_NO_CARD_CONCERNED"
    message = _("There is no card that this could be done to.")
    cure = _("Cards that are used or blocked stay as they are.")


def activate_vouchers(*, batch_number: int, done_by: str, now: datetime) -> int:
    """Make every card of a batch usable that waits for it.

    :param done_by: user name of the person at the desk.
    :return: how many became active.
    :raises NotFound: there is no such batch.
    :raises NoCardConcerned: none waits.
    """
    with transaction.atomic():
        batch = _lock_batch(batch_number)
        cards = _move(batch, "", _FOR_ACTIVATION, VoucherState.ACTIVE)
        _set_batch_state(batch, VoucherBatchState.ACTIVE)
        _note(batch, "", VoucherAct.ACTIVATE, cards, "", done_by, now)
    return cards


def activate_voucher(*, serial_number: str, done_by: str, now: datetime) -> None:
    """Make one card usable.

    :raises NotFound: there is no such card.
    :raises NoCardConcerned: it does not wait for that.
    """
    with transaction.atomic():
        batch = _lock_batch(_batch_of(serial_number))
        cards = _move(batch, serial_number, _FOR_ACTIVATION, VoucherState.ACTIVE)
        _note(batch, serial_number, VoucherAct.ACTIVATE, cards, "", done_by, now)


def block_vouchers(*, batch_number: int, reason: str, done_by: str, now: datetime) -> int:
    """Block every card of a batch that was not used, for good.

    :param reason: why, 1 to 200 characters.
    :return: how many were blocked.
    :raises BlockReasonMissing: no reason, or too long a one.
    :raises NotFound: there is no such batch.
    :raises NoCardConcerned: every card is used or blocked.
    """
    said = _require_reason(reason)
    with transaction.atomic():
        batch = _lock_batch(batch_number)
        cards = _move(batch, "", _FOR_BLOCKING, VoucherState.BLOCKED)
        _set_batch_state(batch, VoucherBatchState.BLOCKED)
        _note(batch, "", VoucherAct.BLOCK, cards, said, done_by, now)
    return cards


def block_voucher(*, serial_number: str, reason: str, done_by: str, now: datetime) -> None:
    """Block one card that was not used, for good.

    :param reason: why, 1 to 200 characters.
    :raises BlockReasonMissing: no reason, or too long a one.
    :raises NotFound: there is no such card.
    :raises NoCardConcerned: it is used or blocked.
    """
    said = _require_reason(reason)
    with transaction.atomic():
        batch = _lock_batch(_batch_of(serial_number))
        cards = _move(batch, serial_number, _FOR_BLOCKING, VoucherState.BLOCKED)
        _note(batch, serial_number, VoucherAct.BLOCK, cards, said, done_by, now)


def _require_reason(reason: str) -> str:
    said = reason.strip()
    if not 1 <= len(said) <= 200:
        raise BlockReasonMissing
    return said


def _lock_batch(number: int) -> VoucherBatch:
    """Let acts on one batch take turns; redeeming does not look at the batch."""
    batch = VoucherBatch.objects.select_for_update(of=("self",), no_key=True).filter(number=number).first()
    if batch is None:
        raise NotFound
    return batch


def _batch_of(serial_number: str) -> int:
    card = VoucherCard.objects.filter(serial_number=serial_number).only("batch_id").first()
    if card is None:
        raise NotFound
    return card.batch_id


def _move(batch: VoucherBatch, serial_number: str, from_states: Collection[str], to_state: str) -> int:
    cards = Voucher.objects.filter(batch=batch, state__in=from_states)
    if serial_number:
        cards = cards.filter(serial_number=serial_number)
    moved = cards.update(state=to_state)
    if not moved:
        raise NoCardConcerned
    return moved


def _set_batch_state(batch: VoucherBatch, state: str) -> None:
    VoucherBatch.objects.filter(number=batch.number).update(state=state)


def _note(
    batch: VoucherBatch, serial_number: str, act: VoucherAct, cards: int, reason: str, done_by: str, now: datetime
) -> None:
    VoucherDeed.objects.create(
        batch=batch,
        serial_number=serial_number,
        act=act,
        cards=cards,
        reason=reason,
        done_by=done_by,
        done_at=now,
    )
