"""Recharge cards from many sides at once. Each race has a control: the same trial without its guard comes out wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Budget, Line
from accounts.operations.budgets import BudgetSpent
from billing.models import LedgerEntry, TopUp, Voucher
from billing.operations import redeem_voucher as redeeming
from billing.operations import voucher_states
from billing.operations.issue_vouchers import NewCard
from billing.operations.redeem_voucher import redeem_voucher
from billing.operations.voucher_states import block_voucher
from kernel.channel import Channel
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.vouchers import make_card, make_cards
from tests.races import outcomes

pytestmark = pytest.mark.django_db(transaction=True)


def redeem(line: Line, pin: str) -> TopUp:
    return redeem_voucher(
        account_id=line.account_id, line_id=line.id, msisdn=line.msisdn, pin=pin, channel=Channel.WEB, now=NOW
    )


def credited_fen() -> list[int]:
    return list(LedgerEntry.objects.filter(reason_kind="TOP_UP").values_list("amount_fen", flat=True))


def take_out_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = "AND state = 'ACTIVE' AND expires_at > %(now)s"
    assert redeeming._CLAIM.count(guard) == 1
    monkeypatch.setattr(redeeming, "_CLAIM", redeeming._CLAIM.replace(guard, ""))


class TestOneCardFromManyCustomers:
    @staticmethod
    def race() -> Callable[[int], object]:
        card, lines = make_card(), [make_line() for _customer in range(64)]
        return lambda number: redeem(lines[number], card.pin)

    def test_is_one_credit(self) -> None:
        assert outcomes(self.race()) == {"OK": 1, "VOUCHER_USED": 63}
        assert credited_fen() == [50_00]
        assert (TopUp.objects.count(), Sms.objects.count(), Budget.objects.count()) == (1, 1, 0)
        assert broken_invariants() == {}

    def test_control_without_the_guarded_claim_it_is_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        take_out_the_claim(monkeypatch)
        assert outcomes(self.race()) == {"OK": 64}
        assert credited_fen() == [50_00] * 64
        assert set(broken_invariants()) == {"voucher_redeemed_is_one_credit"}


class TestOneCardManyTimesFromOneCustomer:
    def test_is_one_credit_and_one_receipt(self) -> None:
        card, line = make_card(), make_line()
        receipts: set[Any] = set()
        assert outcomes(lambda _number: receipts.add(redeem(line, card.pin).id)) == {"OK": 64}
        assert len(receipts) == 1
        assert wallet_of(line.account_id) == (50_00, 0, 1)
        assert Budget.objects.count() == 0
        assert broken_invariants() == {}


class TestCardsForEachOther:
    def test_meet_no_error(self, settings: Settings) -> None:
        """Two customers recharge each other's number, to and fro."""
        settings.RECIPIENT_LOOKUPS_PER_HOUR = 64
        one, other = make_line(), make_line()
        cards = make_cards(64, face_fen=1_00)

        def give(number: int) -> TopUp:
            giver, taker = (one, other) if number % 2 else (other, one)
            return redeem_voucher(
                account_id=giver.account_id,
                line_id=giver.id,
                msisdn=taker.msisdn,
                pin=cards[number].pin,
                channel=Channel.WEB,
                now=NOW,
            )

        assert outcomes(give) == {"OK": 64}
        assert [wallet_of(line.account_id) for line in (one, other)] == [(32_00, 0, 32)] * 2
        assert broken_invariants() == {}


class TestUsingAndBlockingAtOnce:
    @staticmethod
    def race(card: NewCard) -> dict[str, int]:
        lines = [make_line() for _customer in range(8)]

        def one(number: int) -> None:
            if number == 0:
                block_voucher(serial_number=card.serial_number, reason="stolen", done_by="li", now=NOW)
            else:
                redeem(lines[number], card.pin)

        return outcomes(one, times=8)

    def test_ends_in_one_of_both(self) -> None:
        card = make_card()
        ended = self.race(card)
        assert ended["OK"] == 1
        used = Voucher.objects.get().state == "REDEEMED"
        assert len(credited_fen()) == used
        assert ended["VOUCHER_NO_CARD_CONCERNED"] == used
        assert broken_invariants() == {}

    def test_control_without_its_guard_blocking_spoils_a_used_card(self, monkeypatch: pytest.MonkeyPatch) -> None:
        card = make_card()
        redeem(make_line(), card.pin)
        monkeypatch.setattr(voucher_states, "_FOR_BLOCKING", ("ISSUED", "ACTIVE", "REDEEMED"))
        # The constraint says no as well: a card that names its top-up is used.
        assert outcomes(
            lambda _number: block_voucher(serial_number=card.serial_number, reason="stolen", done_by="li", now=NOW),
            times=2,
        ) == {"DATABASE_ERROR": 2}


class TestManyWrongPinsAtOnce:
    @staticmethod
    def race() -> Callable[[int], object]:
        line = make_line()
        return lambda number: redeem(line, f"{number:018d}")

    def test_are_looked_up_five_times(self) -> None:
        assert outcomes(self.race()) == {"VOUCHER_WRONG": 4, "VOUCHER_LOCKED": 60}
        assert list(Budget.objects.values_list("count", flat=True)) == [5]

    def test_of_many_customers_for_one_number_are_looked_up_five_times(self) -> None:
        target, strangers = make_line(), [make_line() for _stranger in range(64)]

        def guess(number: int) -> object:
            stranger = strangers[number]
            return redeem_voucher(
                account_id=stranger.account_id,
                line_id=stranger.id,
                msisdn=target.msisdn,
                pin=f"{number:018d}",
                channel=Channel.WEB,
                now=NOW,
            )

        assert outcomes(guess) == {"VOUCHER_WRONG": 4, "VOUCHER_LOCKED": 60}

    def test_control_counted_by_reading_and_writing_they_are_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def take(*, key: str, limit: int, period: timedelta, now: datetime, prolong: bool) -> int:
            held = Budget.objects.filter(key=key).first()
            if held and held.count >= limit:
                raise BudgetSpent(next_at=held.ends_at, now=now)
            count = held.count + 1 if held else 1
            Budget.objects.update_or_create(key=key, defaults={"count": count, "ends_at": now + period})
            return count

        monkeypatch.setattr(redeeming, "take_from_budget", take)
        assert outcomes(self.race())["VOUCHER_WRONG"] > 4
