from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from billing.models import Voucher, VoucherBatch, VoucherDeed
from billing.operations import issue_vouchers as issuing
from billing.operations.issue_vouchers import (
    CardCountInvalid,
    NewCard,
    OtherIssueRunning,
    ValidityOver,
    issue_vouchers,
)
from billing.queries.voucher_issuers import IssuerUnknown
from kernel.clock import SHANGHAI
from kernel.money import AmountOutOfRange
from tests.factories.billing import NOW
from tests.factories.vouchers import LAST_DAY, issue_cards

pytestmark = pytest.mark.django_db

TODAY = NOW.astimezone(SHANGHAI).date()


def issue(**changes: Any) -> tuple[VoucherBatch, list[NewCard]]:
    cards: list[NewCard] = []
    arguments: dict[str, Any] = {
        "face_fen": 50_00,
        "count": 3,
        "valid_until": LAST_DAY,
        "issuer_name": "",
        "made_by": "printer",
        "hand_over": cards.extend,
        "now": NOW,
    }
    return issue_vouchers(**{**arguments, **changes}), cards


def nothing_exists() -> bool:
    return not (VoucherBatch.objects.exists() or Voucher.objects.exists() or VoucherDeed.objects.exists())


class TestIssueVouchers:
    def test_makes_cards_that_are_not_active(self) -> None:
        batch, cards = issue()
        assert (batch.number, batch.issuer, batch.face_fen, batch.count, batch.state, batch.made_by, batch.made_at) == (
            1, "hefeng", 50_00, 3, "ISSUED", "printer", NOW,
        )  # fmt: skip
        assert [card.serial_number for card in cards] == [
            "00000000100000001",
            "00000000100000002",
            "00000000100000003",
        ]
        rows = Voucher.objects.order_by("serial_number")
        assert [row.pin_hash for row in rows] == [Voucher.hash_of(card.pin) for card in cards]
        midnight = datetime(2028, 1, 1, tzinfo=SHANGHAI)
        assert {(row.batch_id, row.face_fen, row.expires_at, row.state) for row in rows} == {
            (1, 50_00, midnight, "ISSUED")
        }

    def test_writes_down_who_made_them(self) -> None:
        issue()
        deed = VoucherDeed.objects.get()
        assert (deed.batch_id, deed.serial_number, deed.act, deed.cards, deed.done_by, deed.done_at) == (
            1, "", "ISSUE", 3, "printer", NOW,
        )  # fmt: skip

    def test_gives_each_card_a_pin_of_its_own(self) -> None:
        pins = [card.pin for card in issue_cards(2000)]
        assert len(set(pins)) == 2000
        assert {len(pin) for pin in pins} == {18}
        assert all(pin.isascii() and pin.isdigit() for pin in pins)
        # Every digit is as likely as the others: 3,600 of each are expected, 57 is the standard deviation.
        counts = ["".join(pins).count(digit) for digit in "0123456789"]
        assert min(counts) > 3200
        assert max(counts) < 4000

    def test_numbers_batches_one_after_the_other(self) -> None:
        issue()
        batch, cards = issue(count=1)
        assert (batch.number, cards[0].serial_number) == (2, "00000000200000001")

    def test_works_in_chunks_that_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(issuing, "_CHUNK", 2)
        told: list[tuple[int, int]] = []
        handed: list[int] = []
        _batch, _cards = issue(
            count=5,
            hand_over=lambda cards: handed.append(len(cards)),
            progress=lambda made, of: told.append((made, of)),
        )
        assert (told, handed) == ([(2, 5), (4, 5), (5, 5)], [2, 2, 1])
        serials = list(Voucher.objects.order_by("serial_number").values_list("serial_number", flat=True))
        assert serials == [f"000000001{place:08d}" for place in range(1, 6)]

    def test_draws_again_what_a_card_has_already(self, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
        settings.VOUCHER_ISSUERS = ["hefeng:17:16"]
        drawn = iter([7, 7, 8, 7, 8, 9, 9])
        monkeypatch.setattr("secrets.randbelow", lambda _below: next(drawn))
        issue(count=2)
        _batch, cards = issue(count=1)
        assert [card.pin for card in cards] == ["0000000000000009"]

    def test_has_the_lengths_of_the_issuer(self, settings: Settings) -> None:
        settings.VOUCHER_ISSUERS = ["hefeng:17:18", "partner:14:16"]
        batch, cards = issue(issuer_name="partner", count=1)
        assert batch.issuer == "partner"
        assert cards[0].serial_number == "00000100000001"
        assert len(cards[0].pin) == 16

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"count": 0}, CardCountInvalid),
            ({"count": -1}, CardCountInvalid),
            ({"count": 1_000_001}, CardCountInvalid),
            ({"face_fen": 0}, AmountOutOfRange),
            ({"face_fen": -50_00}, AmountOutOfRange),
            ({"face_fen": 10_000_01}, AmountOutOfRange),
            ({"valid_until": TODAY - timedelta(days=1)}, ValidityOver),
            ({"issuer_name": "nobody"}, IssuerUnknown),
        ],
    )
    def test_refuses_what_makes_no_sense(self, changes: dict[str, Any], refusal: type[Exception]) -> None:
        with pytest.raises(refusal):
            issue(**changes)
        assert nothing_exists()

    def test_takes_today_as_the_last_day(self) -> None:
        batch, _cards = issue(valid_until=TODAY)
        assert batch.valid_until_date == date(2026, 11, 22)

    def test_makes_nothing_when_the_cards_cannot_be_handed_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(issuing, "_CHUNK", 2)
        handed: list[NewCard] = []

        def full_disk(cards: Sequence[NewCard]) -> None:
            if handed:
                raise OSError("no space left")
            handed.extend(cards)

        with pytest.raises(OSError, match="no space left"):
            issue(count=4, hand_over=full_disk)
        assert nothing_exists()

    def test_refuses_while_another_batch_gets_the_same_number(self, monkeypatch: pytest.MonkeyPatch) -> None:
        issue()
        monkeypatch.setattr(VoucherBatch.objects, "aggregate", lambda **_wanted: {"last": 0})
        with pytest.raises(OtherIssueRunning):
            issue()
        assert (VoucherBatch.objects.count(), Voucher.objects.count()) == (1, 3)
