"""Recharge cards to try in the demo. Their PINs are kept in var/secrets/ and shown on the page that asks for one."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from billing.models import Voucher, VoucherState
from billing.operations.issue_vouchers import NewCard, issue_vouchers
from billing.operations.voucher_states import activate_vouchers
from kernel.clock import SHANGHAI

CARDS = 6
FACE_FEN = 50_00
_MADE_BY = "demo"


@dataclass(frozen=True, slots=True)
class DemoCard:
    """A card that a visitor may use up."""

    serial_number: str
    pin: str
    face_fen: int


def prepare_demo_recharge_cards(*, now: datetime) -> None:
    """Make a batch of cards and activate it, unless some of the last one are still good."""
    if list_demo_recharge_cards():
        return
    today = now.astimezone(SHANGHAI).date()
    batch = issue_vouchers(
        face_fen=FACE_FEN,
        count=CARDS,
        valid_until=today.replace(year=today.year + 1, day=1),
        issuer_name="",
        made_by=_MADE_BY,
        hand_over=_keep,
        now=now,
    )
    activate_vouchers(batch_number=batch.number, done_by=_MADE_BY, now=now)


def list_demo_recharge_cards() -> list[DemoCard]:
    """Return the cards that nobody has used yet; none outside demo mode."""
    if not settings.DEMO_MODE or not _path().exists():
        return []
    with _path().open(newline="", encoding="ascii") as file:
        kept = {Voucher.hash_of(card.pin): card for card in map(NewCard._make, csv.reader(file))}
    good = Voucher.objects.filter(pin_hash__in=kept, state=VoucherState.ACTIVE).order_by("serial_number")
    return [DemoCard(card.serial_number, kept[card.pin_hash].pin, card.face_fen) for card in good]


def _keep(cards: Sequence[NewCard]) -> None:
    """Write the cards in place of those before, for the owner's eyes only."""
    _path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", newline="", encoding="ascii") as file:
        csv.writer(file).writerows(cards)


def _path() -> Path:
    return Path(settings.HALL_VAR) / "secrets" / "recharge-cards.csv"
