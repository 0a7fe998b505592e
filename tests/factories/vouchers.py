"""Recharge cards, made and activated through the operations that make real ones."""

from collections.abc import Sequence
from datetime import date, datetime

from billing.models import Voucher
from billing.operations.issue_vouchers import NewCard, issue_vouchers
from billing.operations.voucher_states import activate_vouchers
from tests.factories.billing import NOW

LAST_DAY = date(2027, 12, 31)
WRONG_PIN = "0" * 18


def issue_cards(
    count: int = 1, *, face_fen: int = 50_00, valid_until: date = LAST_DAY, now: datetime = NOW
) -> list[NewCard]:
    """Make cards that are not active yet and return what is printed on them."""
    cards: list[NewCard] = []

    def hand_over(some: Sequence[NewCard]) -> None:
        cards.extend(some)

    issue_vouchers(
        face_fen=face_fen,
        count=count,
        valid_until=valid_until,
        issuer_name="",
        made_by="printer",
        hand_over=hand_over,
        now=now,
    )
    return cards


def make_cards(count: int = 1, *, face_fen: int = 50_00, valid_until: date = LAST_DAY) -> list[NewCard]:
    """Make active cards and return what is printed on them."""
    cards = issue_cards(count, face_fen=face_fen, valid_until=valid_until)
    activate_vouchers(batch_number=batch_of(cards[0]), done_by="supervisor", now=NOW)
    return cards


def make_card(*, face_fen: int = 50_00, valid_until: date = LAST_DAY) -> NewCard:
    """Make one active card."""
    return make_cards(face_fen=face_fen, valid_until=valid_until)[0]


def voucher_of(card: NewCard) -> Voucher:
    return Voucher.objects.get(serial_number=card.serial_number)


def batch_of(card: NewCard) -> int:
    return voucher_of(card).batch_id
