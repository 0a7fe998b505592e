from datetime import timedelta

import pytest

from accounts.models import Line
from billing.models import BonusGrant, Counterpart, LedgerEntry
from billing.operations.holds import release
from billing.operations.ledger import InsufficientBalance, Posting, expire_bonuses, post_entries
from tests.factories.billing import (
    NOW,
    capture_hold,
    entries_of,
    gifts_of,
    give_bonus,
    make_charge,
    make_hold,
    make_line,
    wallet_of,
)

pytestmark = pytest.mark.django_db

SOON, LATER = NOW + timedelta(days=10), NOW + timedelta(days=20)


class TestGivingBonus:
    def test_keeps_the_gift_beside_its_entry(self) -> None:
        line = make_line()
        version = give_bonus(line, 5_00, expires_at=SOON)
        gift = BonusGrant.objects.get()
        entry = LedgerEntry.objects.get()
        assert (gift.version, gift.granted_fen, gift.left_fen, gift.expires_at, gift.granted_at) == (
            version, 5_00, 5_00, SOON, NOW,
        )  # fmt: skip
        assert (gift.reason_kind, gift.reason_id) == (entry.reason_kind, entry.reason_id)

    def test_gives_once_for_a_key(self) -> None:
        line = make_line()
        postings = [
            post_entries(
                account_id=line.account_id,
                posting_key="gift",
                amount_fen=5_00,
                counterpart=Counterpart.GIFTS,
                reason_kind="TEST",
                reason_id=line.id,
                bucket="BONUS",  # type: ignore[arg-type]
                bonus_expires_at=NOW + timedelta(days=days),
                now=NOW,
            )
            for days in (1, 2)
        ]
        assert postings == [Posting(0, 5_00, 1, repeated=False), Posting(0, 5_00, 1, repeated=True)]
        assert list(BonusGrant.objects.values_list("left_fen", "expires_at")) == [(5_00, NOW + timedelta(days=1))]


class TestSpendingBonus:
    def test_begins_with_what_expires_first_and_ends_with_cash(self) -> None:
        line = make_line(cash_fen=10_00)
        for_ever = give_bonus(line, 1_00)
        later = give_bonus(line, 2_00, expires_at=LATER)
        soon = give_bonus(line, 4_00, expires_at=SOON)
        make_charge(line, amount_fen=3_00)
        assert gifts_of(line.account_id) == {for_ever: 1_00, later: 2_00, soon: 1_00}
        make_charge(line, amount_fen=2_50)
        assert gifts_of(line.account_id) == {for_ever: 1_00, later: 50, soon: 0}
        make_charge(line, amount_fen=2_00)
        assert gifts_of(line.account_id) == {for_ever: 0, later: 0, soon: 0}
        assert wallet_of(line.account_id) == (9_50, 0, 8)

    def test_takes_the_older_of_two_that_expire_together(self) -> None:
        line = make_line()
        older, newer = give_bonus(line, 1_00, expires_at=SOON), give_bonus(line, 1_00, expires_at=SOON)
        make_charge(line, amount_fen=50)
        assert gifts_of(line.account_id) == {older: 50, newer: 1_00}

    def test_does_not_reach_what_has_expired_before_the_sweeper_came(self) -> None:
        line = make_line(cash_fen=1_00)
        gift = give_bonus(line, 5_00, expires_at=SOON)
        with pytest.raises(InsufficientBalance):
            make_charge(line, amount_fen=2_00, now=SOON)
        assert (wallet_of(line.account_id), gifts_of(line.account_id)) == ((1_00, 5_00, 2), {gift: 5_00})
        make_charge(line, amount_fen=1_00, now=SOON)
        assert wallet_of(line.account_id) == (0, 0, 4)
        assert entries_of(line.account_id)[2:] == [(3, "BONUS", -5_00, 5_00, 0), (4, "CASH", -1_00, 1_00, 0)]


class TestExpireBonuses:
    def test_takes_out_what_is_left_and_nothing_that_is_still_good(self) -> None:
        one, other = make_line(cash_fen=1_00), make_line()
        give_bonus(one, 5_00, expires_at=SOON)
        give_bonus(one, 3_00, expires_at=SOON)
        kept = give_bonus(one, 2_00, expires_at=LATER)
        give_bonus(other, 7_00, expires_at=SOON)
        make_charge(one, amount_fen=1_00)
        assert expire_bonuses(now=SOON) == 3
        assert wallet_of(one.account_id) == (1_00, 2_00, 7)
        assert wallet_of(other.account_id) == (0, 0, 2)
        assert {left for version, left in gifts_of(one.account_id).items() if version != kept} == {0}
        assert entries_of(one.account_id)[-2:] == [(6, "BONUS", -4_00, 9_00, 5_00), (7, "BONUS", -3_00, 5_00, 2_00)]
        assert entries_of(other.account_id)[-1] == (2, "BONUS", -7_00, 7_00, 0)

    def test_says_where_it_went_and_which_gift_it_was(self) -> None:
        line = make_line()
        version = give_bonus(line, 5_00, expires_at=SOON)
        expire_bonuses(now=LATER)
        entry = LedgerEntry.objects.get(account_id=line.account_id, version=2)
        gift = BonusGrant.objects.get()
        assert (entry.counterpart, entry.reason_kind, entry.reason_id, entry.posting_key, entry.posted_at) == (
            "GIFTS", "BONUS_EXPIRY", gift.reason_id, f"bonus-expiry:{version}", LATER,
        )  # fmt: skip

    def test_changes_nothing_when_run_again_or_too_early(self) -> None:
        line = make_line()
        give_bonus(line, 5_00, expires_at=SOON)
        assert expire_bonuses(now=SOON - timedelta(microseconds=1)) == 0
        assert wallet_of(line.account_id) == (0, 5_00, 1)
        assert expire_bonuses(now=SOON) == 1
        assert expire_bonuses(now=SOON) == 0
        assert wallet_of(line.account_id) == (0, 0, 2)

    def test_leaves_bonus_without_end_and_spent_bonus_alone(self) -> None:
        line = make_line()
        give_bonus(line, 1_00)
        give_bonus(line, 5_00, expires_at=SOON)
        make_charge(line, amount_fen=5_00)
        assert expire_bonuses(now=LATER) == 0
        assert wallet_of(line.account_id) == (0, 1_00, 3)

    def test_goes_on_chunk_by_chunk(self) -> None:
        lines = [make_line() for _number in range(5)]
        for line in lines:
            give_bonus(line, 1_00, expires_at=SOON)
        assert expire_bonuses(now=SOON, limit=2) == 5
        assert [wallet_of(line.account_id) for line in lines] == [(0, 0, 2)] * 5


class TestBonusThatAHoldLeansOn:
    def line(self) -> Line:
        line = make_line(cash_fen=1_00)
        give_bonus(line, 2_00, expires_at=SOON)
        give_bonus(line, 5_00, expires_at=SOON)
        return line

    def test_waits_for_the_capture(self) -> None:
        line = self.line()
        hold = make_hold(line, 1_50, hours=24 * 30)
        make_charge(line, amount_fen=50, now=SOON)
        assert wallet_of(line.account_id) == (1_00, 1_50, 5)
        assert expire_bonuses(now=SOON) == 0
        capture_hold(hold, 1_50, now=LATER)
        assert wallet_of(line.account_id) == (1_00, 0, 6)

    def test_goes_once_the_hold_is_set_free(self) -> None:
        line = self.line()
        hold = make_hold(line, 1_50, hours=24 * 30)
        assert expire_bonuses(now=SOON) == 0
        release(account_id=line.account_id, hold_id=hold.id, now=SOON)
        assert wallet_of(line.account_id) == (1_00, 2_00, 4)
        assert expire_bonuses(now=SOON) == 1
        assert wallet_of(line.account_id) == (1_00, 0, 5)
