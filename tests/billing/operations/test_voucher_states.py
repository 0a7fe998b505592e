from collections import Counter

import pytest

from billing.models import Voucher, VoucherBatch, VoucherDeed
from billing.operations.issue_vouchers import NewCard
from billing.operations.redeem_voucher import redeem_voucher
from billing.operations.voucher_states import (
    BlockReasonMissing,
    NoCardConcerned,
    activate_voucher,
    activate_vouchers,
    block_voucher,
    block_vouchers,
)
from kernel.channel import Channel
from kernel.errors import NotFound
from tests.factories.billing import NOW, make_line
from tests.factories.vouchers import batch_of, issue_cards, make_cards, voucher_of

pytestmark = pytest.mark.django_db


def states(card: NewCard) -> dict[str, int]:
    return dict(Counter(Voucher.objects.filter(batch_id=batch_of(card)).values_list("state", flat=True)))


def batch_state(card: NewCard) -> str:
    return VoucherBatch.objects.get(number=batch_of(card)).state


def last_deed() -> tuple[str, str, int, str, str]:
    deed = VoucherDeed.objects.order_by("-id")[0]
    return deed.act, deed.serial_number, deed.cards, deed.reason, deed.done_by


def use(card: NewCard) -> None:
    line = make_line()
    redeem_voucher(
        account_id=line.account_id, line_id=line.id, msisdn=line.msisdn, pin=card.pin, channel=Channel.WEB, now=NOW
    )


class TestActivateVouchers:
    def test_makes_every_waiting_card_usable(self) -> None:
        cards, others = issue_cards(3), issue_cards(2)
        assert activate_vouchers(batch_number=batch_of(cards[0]), done_by="li", now=NOW) == 3
        assert (states(cards[0]), batch_state(cards[0])) == ({"ACTIVE": 3}, "ACTIVE")
        assert (states(others[0]), batch_state(others[0])) == ({"ISSUED": 2}, "ISSUED")
        assert last_deed() == ("ACTIVATE", "", 3, "", "li")

    def test_leaves_blocked_cards_blocked(self) -> None:
        cards = issue_cards(2)
        block_voucher(serial_number=cards[0].serial_number, reason="torn", done_by="li", now=NOW)
        assert activate_vouchers(batch_number=batch_of(cards[0]), done_by="li", now=NOW) == 1
        assert states(cards[0]) == {"BLOCKED": 1, "ACTIVE": 1}

    def test_refuses_what_has_no_waiting_card(self) -> None:
        cards = make_cards()
        deeds = VoucherDeed.objects.count()
        with pytest.raises(NoCardConcerned):
            activate_vouchers(batch_number=batch_of(cards[0]), done_by="li", now=NOW)
        with pytest.raises(NotFound):
            activate_vouchers(batch_number=999, done_by="li", now=NOW)
        assert VoucherDeed.objects.count() == deeds


class TestActivateVoucher:
    def test_makes_one_card_usable(self) -> None:
        cards = issue_cards(2)
        activate_voucher(serial_number=cards[1].serial_number, done_by="li", now=NOW)
        assert [voucher_of(card).state for card in cards] == ["ISSUED", "ACTIVE"]
        assert batch_state(cards[0]) == "ISSUED"
        assert last_deed() == ("ACTIVATE", cards[1].serial_number, 1, "", "li")

    def test_refuses_a_card_that_does_not_wait(self) -> None:
        (card,) = make_cards()
        with pytest.raises(NoCardConcerned):
            activate_voucher(serial_number=card.serial_number, done_by="li", now=NOW)
        with pytest.raises(NotFound):
            activate_voucher(serial_number="", done_by="li", now=NOW)


class TestBlockVouchers:
    def test_blocks_every_card_that_was_not_used(self) -> None:
        cards = make_cards(3)
        use(cards[0])
        assert block_vouchers(batch_number=batch_of(cards[0]), reason=" stolen ", done_by="li", now=NOW) == 2
        assert (states(cards[0]), batch_state(cards[0])) == ({"REDEEMED": 1, "BLOCKED": 2}, "BLOCKED")
        assert last_deed() == ("BLOCK", "", 2, "stolen", "li")

    def test_cannot_be_taken_back(self) -> None:
        cards = issue_cards(2)
        block_vouchers(batch_number=batch_of(cards[0]), reason="stolen", done_by="li", now=NOW)
        with pytest.raises(NoCardConcerned):
            activate_vouchers(batch_number=batch_of(cards[0]), done_by="li", now=NOW)
        assert states(cards[0]) == {"BLOCKED": 2}

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
    def test_refuses_without_a_reason(self, reason: str) -> None:
        cards = make_cards(2)
        with pytest.raises(BlockReasonMissing):
            block_vouchers(batch_number=batch_of(cards[0]), reason=reason, done_by="li", now=NOW)
        with pytest.raises(BlockReasonMissing):
            block_voucher(serial_number=cards[0].serial_number, reason=reason, done_by="li", now=NOW)
        assert states(cards[0]) == {"ACTIVE": 2}


class TestBlockVoucher:
    def test_blocks_one_card(self) -> None:
        cards = make_cards(2)
        block_voucher(serial_number=cards[0].serial_number, reason="lost", done_by="li", now=NOW)
        assert [voucher_of(card).state for card in cards] == ["BLOCKED", "ACTIVE"]
        assert batch_state(cards[0]) == "ACTIVE"
        assert last_deed() == ("BLOCK", cards[0].serial_number, 1, "lost", "li")

    def test_leaves_a_used_card_as_it_is(self) -> None:
        (card,) = make_cards()
        use(card)
        with pytest.raises(NoCardConcerned):
            block_voucher(serial_number=card.serial_number, reason="lost", done_by="li", now=NOW)
        assert voucher_of(card).state == "REDEEMED"
