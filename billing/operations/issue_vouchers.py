"""Makes recharge cards. Their PINs are handed over while they are made, and are known to nobody here afterwards."""

import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from psycopg2.errorcodes import LOCK_NOT_AVAILABLE, UNIQUE_VIOLATION

from billing.models import Voucher, VoucherAct, VoucherBatch, VoucherDeed, VoucherState
from billing.queries.voucher_issuers import PLACE_DIGITS, VoucherIssuer, get_voucher_issuer
from kernel.clock import SHANGHAI
from kernel.copy_rows import copy_rows
from kernel.errors import DomainError
from kernel.money import require_amount_between

MOST_CARDS = 1_000_000
_CHUNK = 10_000
_COLUMNS = ("pin_hash", "serial_number", "batch_id", "face_fen", "expires_at", "state")


class NewCard(NamedTuple):
    """What is printed on a card: the serial number for all to see, the PIN under the scratch-off strip."""

    serial_number: str
    pin: str


class CardCountInvalid(DomainError):
    """So many cards are not made in one go."""

    code = "VOUCHER_COUNT_INVALID"
    message = _("A batch has from 1 to 1,000,000 cards.")


class ValidityOver(DomainError):
    """The cards would have expired before they are made."""

    code = "VOUCHER_VALIDITY_OVER"
    message = _("The last day of the cards is over already.")


class OtherIssueRunning(DomainError):
    """Another batch is being made at the same moment."""

    code = "VOUCHER_ISSUE_RUNNING"
    message = _("Another batch of recharge cards is just being made.")
    cure = _("Wait until it is done and start again.")
    http_status = 409


def issue_vouchers(
    *,
    face_fen: int,
    count: int,
    valid_until: date,
    issuer_name: str,
    made_by: str,
    hand_over: Callable[[Sequence[NewCard]], None],
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> VoucherBatch:
    """Make a batch of cards, all or none. They are worth nothing until they are activated.

    :param face_fen: what a card is worth, within the limits of a top-up.
    :param count: how many, 1 to `MOST_CARDS`.
    :param valid_until: the last day, in Shanghai, on which a card can be used.
    :param issuer_name: one of VOUCHER_ISSUERS, empty for the first.
    :param made_by: who makes them.
    :param hand_over: takes the cards, some at a time, before they exist; must have them on disk when it returns. What
        it raises undoes the batch.
    :param progress: called with (made, of) as it goes on.
    :raises AmountOutOfRange, CardCountInvalid, ValidityOver, IssuerUnknown: one of the arguments is wrong.
    :raises OtherIssueRunning: another batch is being made.
    """
    require_amount_between(face_fen, minimum_fen=settings.TOP_UP_MINIMUM_FEN, maximum_fen=settings.TOP_UP_MAXIMUM_FEN)
    if not 1 <= count <= MOST_CARDS:
        raise CardCountInvalid
    if valid_until < now.astimezone(SHANGHAI).date():
        raise ValidityOver
    issuer = get_voucher_issuer(issuer_name)
    with transaction.atomic():
        batch = _open_batch(face_fen, count, valid_until, issuer, made_by, now)
        for start in range(0, count, _CHUNK):
            cards = _new_cards(batch, issuer, start, min(_CHUNK, count - start))
            _store(batch, cards)
            hand_over(cards)
            if progress:
                progress(start + len(cards), count)
    return batch


def _open_batch(
    face_fen: int, count: int, valid_until: date, issuer: VoucherIssuer, made_by: str, now: datetime
) -> VoucherBatch:
    last_number = VoucherBatch.objects.aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            batch = VoucherBatch.objects.create(
                number=last_number + 1,
                issuer=issuer.name,
                face_fen=face_fen,
                count=count,
                valid_until_date=valid_until,
                made_by=made_by,
                made_at=now,
            )
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", "") not in (UNIQUE_VIOLATION, LOCK_NOT_AVAILABLE):
            raise
        raise OtherIssueRunning from None
    VoucherDeed.objects.create(batch=batch, act=VoucherAct.ISSUE, cards=count, done_by=made_by, done_at=now)
    return batch


def _new_cards(batch: VoucherBatch, issuer: VoucherIssuer, start: int, count: int) -> list[NewCard]:
    head = f"{batch.number:0{issuer.serial_digits - PLACE_DIGITS}d}"
    pins: set[str] = set()
    while len(pins) < count:
        pins |= _unknown({f"{secrets.randbelow(10**issuer.pin_digits):0{issuer.pin_digits}d}" for _pin in range(count)})
    return [
        NewCard(f"{head}{place:0{PLACE_DIGITS}d}", pin)
        for place, pin in zip(range(start + 1, start + count + 1), pins, strict=False)
    ]


def _unknown(pins: set[str]) -> set[str]:
    """Return the PINs that no card has yet."""
    by_hash = {Voucher.hash_of(pin): pin for pin in pins}
    known = set(Voucher.objects.filter(pin_hash__in=by_hash).values_list("pin_hash", flat=True))
    return {pin for pin_hash, pin in by_hash.items() if pin_hash not in known}


def _store(batch: VoucherBatch, cards: Sequence[NewCard]) -> None:
    midnight = datetime.combine(batch.valid_until_date + timedelta(days=1), time(), SHANGHAI)
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            "billing_voucher",
            _COLUMNS,
            (
                (
                    Voucher.hash_of(card.pin),
                    card.serial_number,
                    batch.number,
                    batch.face_fen,
                    midnight.isoformat(),
                    VoucherState.ISSUED.value,
                )
                for card in cards
            ),
        )
