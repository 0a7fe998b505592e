"""Wallets from many sides at once. Each race has a control that comes out wrong without its guard."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from billing.models import Adjustment, BonusGrant, Counterpart, Hold, HoldState, LedgerEntry, TopUp
from billing.operations import adjustments as adjusting
from billing.operations import holds as holding
from billing.operations.adjustments import approve_adjustment, refuse_adjustment
from billing.operations.holds import expire_holds, release, reserve
from billing.operations.ledger import expire_bonuses, post_entries
from billing.operations.top_ups import confirm_top_up
from billing.operations.wallets import OverdraftInUse, set_overdraft
from billing.queries.campaigns import BonusOffer
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import (
    NOW,
    capture_hold,
    gifts_of,
    give_bonus,
    held_of,
    make_charge,
    make_hold,
    make_line,
    make_top_up,
    propose,
    wallet_of,
)
from tests.races import function_without, outcomes, table_without

pytestmark = pytest.mark.django_db(transaction=True)

LEDGER = "post_entries.sql"
FLOOR = ("amount < held_change AND", "false AND")
WALLET_LOCK = ("FOR NO KEY UPDATE;\n    IF NOT FOUND", ";\n    IF NOT FOUND")
SWEEPER_LOCK = ("        FOR NO KEY UPDATE;\n\n    WITH due", ";\n\n    WITH due")
SOON = NOW + timedelta(days=1)


def set_aside(account_id: uuid.UUID) -> Callable[[int], object]:
    return lambda number: reserve(
        account_id=account_id,
        amount_fen=1,
        purpose="trial",
        hold_key=str(number),
        expires_at=SOON,
        now=NOW,
    )


class TestManyHoldsOfTooLittle:
    def test_set_aside_exactly_what_there_is(self) -> None:
        account_id = make_line(cash_fen=10).account_id
        assert outcomes(set_aside(account_id)) == {"OK": 10, "INSUFFICIENT_BALANCE": 54}
        assert (wallet_of(account_id), held_of(account_id)) == ((10, 0, 1), 10)
        assert Hold.objects.count() == 10
        assert broken_invariants() == {}

    def test_control_without_the_floor_the_constraint_refuses(self) -> None:
        account_id = make_line(cash_fen=10).account_id
        with function_without(LEDGER, FLOOR):
            assert outcomes(set_aside(account_id)) == {"OK": 10, "DATABASE_ERROR": 54}
        assert held_of(account_id) == 10

    def test_control_without_floor_and_constraint_more_is_held_than_there_is(self) -> None:
        account_id = make_line(cash_fen=10).account_id
        covers = ("wallet_covers_what_is_held", "CHECK (held_fen <= cash_fen + bonus_fen + overdraft_fen)")
        with function_without(LEDGER, FLOOR), table_without("billing_wallet", *covers):
            assert outcomes(set_aside(account_id)) == {"OK": 64}
            assert held_of(account_id) == 64
            assert set(broken_invariants()) == {"wallet_covers_what_is_held"}

    def test_one_key_is_one_hold(self) -> None:
        account_id = make_line(cash_fen=10).account_id
        act = set_aside(account_id)
        assert outcomes(lambda _number: act(0)) == {"OK": 64}
        assert (held_of(account_id), Hold.objects.count()) == (1, 1)
        assert broken_invariants() == {}


class TestOneHoldCapturedFromManySides:
    @staticmethod
    def take(hold: Hold) -> Callable[[int], object]:
        return lambda _number: capture_hold(hold, 6_00)

    def test_takes_it_once_and_all_hear_of_it(self) -> None:
        hold = make_hold(make_line(cash_fen=10_00), 6_00)
        assert outcomes(self.take(hold)) == {"OK": 64}
        assert (wallet_of(hold.account_id), held_of(hold.account_id)) == ((4_00, 0, 2), 0)
        assert broken_invariants() == {}

    def test_control_without_the_guarded_update_other_guards_refuse(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hold = make_hold(make_line(cash_fen=10_00), 6_00)
        monkeypatch.setattr(holding, "_end", self.end_whatever_it_is)
        ended = outcomes(self.take(hold))
        assert (ended["OK"], ended["DATABASE_ERROR"]) == (1, 63)
        assert wallet_of(hold.account_id) == (4_00, 0, 2)

    @staticmethod
    def end_whatever_it_is(hold: Hold, state: HoldState, *, captured_fen: int, now: object) -> bool:
        Hold.objects.filter(account_id=hold.account_id, id=hold.id).update(
            state=state, captured_fen=captured_fen, ended_at=now
        )
        holding._note(hold, 2, state, captured_fen, NOW)
        return True

    def test_capturing_and_setting_free_end_in_one_of_the_two(self) -> None:
        hold = make_hold(make_line(cash_fen=10_00), 6_00)
        take = self.take(hold)

        def act(number: int) -> object:
            return take(number) if number % 2 else release(account_id=hold.account_id, hold_id=hold.id, now=NOW)

        assert outcomes(act) == {"OK": 32, "HOLD_ENDED": 32}
        hold.refresh_from_db()
        assert (hold.state, wallet_of(hold.account_id)[0]) in [("CAPTURED", 4_00), ("RELEASED", 10_00)]
        assert held_of(hold.account_id) == 0
        assert broken_invariants() == {}

    def test_capturing_and_expiring_end_in_one_of_the_two(self) -> None:
        holds = [make_hold(make_line(cash_fen=10_00), 6_00) for _number in range(8)]

        def act(number: int) -> object:
            hold = holds[number % 8]
            if number >= 32:
                return expire_holds(now=SOON)
            return capture_hold(hold, 6_00)

        assert set(outcomes(act)) <= {"OK", "HOLD_ENDED"}
        assert {held_of(hold.account_id) for hold in holds} == {0}
        assert broken_invariants() == {}


class TestBonusExpiringWhileItIsSpent:
    @staticmethod
    def spend_and_sweep(account_id: uuid.UUID) -> Callable[[int], object]:
        def act(number: int) -> object:
            if number % 8 == 0:
                return expire_bonuses(now=SOON)
            return post_entries(
                account_id=account_id,
                posting_key=f"spend:{number}",
                amount_fen=-1,
                counterpart=Counterpart.REVENUE,
                reason_kind="TEST",
                reason_id=account_id,
                now=NOW,
            )

        return act

    def test_each_fen_is_spent_or_expires(self) -> None:
        line = make_line(cash_fen=100)
        for _number in range(4):
            give_bonus(line, 10, expires_at=SOON)
        assert outcomes(self.spend_and_sweep(line.account_id)) == {"OK": 64}
        cash, bonus, _version = wallet_of(line.account_id)
        expired = sum(LedgerEntry.objects.filter(reason_kind="BONUS_EXPIRY").values_list("amount_fen", flat=True))
        assert (cash + bonus - expired, bonus, set(gifts_of(line.account_id).values())) == (140 - 56, 0, {0})
        assert broken_invariants() == {}

    def test_control_without_the_locks_of_both_the_books_break_or_refuse(self) -> None:
        line = make_line(cash_fen=100)
        for _number in range(4):
            give_bonus(line, 10, expires_at=SOON)
        with function_without(LEDGER, WALLET_LOCK, SWEEPER_LOCK):
            ended = outcomes(self.spend_and_sweep(line.account_id))
        assert ended["DATABASE_ERROR"] > 0 or broken_invariants() != {}

    def test_many_sweepers_let_each_gift_go_once(self) -> None:
        lines = [make_line() for _number in range(20)]
        for line in lines:
            give_bonus(line, 5, expires_at=SOON)
        assert outcomes(lambda _number: expire_bonuses(now=SOON, limit=3)) == {"OK": 64}
        assert [wallet_of(line.account_id) for line in lines] == [(0, 0, 2)] * 20
        assert broken_invariants() == {}


class TestOppositePostings:
    """Money goes to and fro between two wallets, in one transaction each: the lower account first, everywhere."""

    @staticmethod
    def transfer(one: uuid.UUID, other: uuid.UUID, *, sort: bool) -> Callable[[int], object]:
        def act(number: int) -> None:
            moves = [(one, -1), (other, 1)] if number % 2 else [(other, -1), (one, 1)]
            with transaction.atomic():
                for account_id, amount_fen in sorted(moves) if sort else moves:
                    post_entries(
                        account_id=account_id,
                        posting_key=f"transfer:{number}",
                        amount_fen=amount_fen,
                        counterpart=Counterpart.ADJUSTMENTS,
                        reason_kind="TEST",
                        reason_id=account_id,
                        now=NOW,
                    )

        return act

    def test_meet_no_error(self) -> None:
        one, other = make_line(cash_fen=100).account_id, make_line(cash_fen=100).account_id
        assert outcomes(self.transfer(one, other, sort=True)) == {"OK": 64}
        assert [wallet_of(one), wallet_of(other)] == [(100, 0, 65), (100, 0, 65)]
        assert broken_invariants() == {}

    def test_control_in_the_callers_order_some_deadlock(self) -> None:
        one, other = make_line(cash_fen=100).account_id, make_line(cash_fen=100).account_id
        assert outcomes(self.transfer(one, other, sort=False))["DATABASE_ERROR"] > 0
        assert broken_invariants() == {}


class TestLoweringAnOverdraftWhileItIsUsed:
    def test_ends_with_the_one_or_the_other(self) -> None:
        line = make_line(overdraft_fen=10)

        def act(number: int) -> None:
            if number % 2:
                make_charge(line, amount_fen=1)
            else:
                set_overdraft(account_id=line.account_id, overdraft_fen=5, reason="star 1", now=NOW)

        ended = outcomes(act)
        assert set(ended) <= {"OK", "INSUFFICIENT_BALANCE", OverdraftInUse.code}
        assert wallet_of(line.account_id)[0] in range(-10, -4)
        assert broken_invariants() == {}


class TestOneAdjustmentDecidedFromManySides:
    @staticmethod
    def approve(adjustment: Adjustment) -> Callable[[int], object]:
        return lambda number: approve_adjustment(
            account_id=adjustment.account_id, adjustment_id=adjustment.id, checked_by=2 + number, now=NOW
        )

    def test_is_posted_once(self) -> None:
        adjustment = propose(make_line(cash_fen=1_00), 5_00)
        assert outcomes(self.approve(adjustment)) == {"OK": 1, "ADJUSTMENT_DECIDED": 63}
        assert wallet_of(adjustment.account_id) == (6_00, 0, 2)
        assert Sms.objects.filter(kind="ADJUSTMENT").count() == 1
        assert broken_invariants() == {}

    def test_is_posted_or_refused(self) -> None:
        adjustment = propose(make_line(cash_fen=1_00), 5_00)
        approve = self.approve(adjustment)

        def act(number: int) -> object:
            if number % 2:
                return approve(number)
            return refuse_adjustment(
                account_id=adjustment.account_id, adjustment_id=adjustment.id, checked_by=2, refusal="no", now=NOW
            )

        assert outcomes(act) == {"OK": 1, "ADJUSTMENT_DECIDED": 63}
        assert broken_invariants() == {}

    def test_control_without_the_guarded_update_the_key_still_holds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        adjustment = propose(make_line(cash_fen=1_00), 5_00)
        monkeypatch.setattr(adjusting, "_decide", lambda *_decision: adjustment)
        assert outcomes(self.approve(adjustment)) == {"OK": 1, "DATABASE_ERROR": 63}
        assert wallet_of(adjustment.account_id) == (6_00, 0, 2)
        assert set(broken_invariants()) == {"adjustment_is_one_posting", "adjustment_has_one_text"}


class TestOneTopUpWithBonusFromManySides:
    def test_gives_its_bonus_once(self) -> None:
        line = make_line()
        top_up = make_top_up(line, offer=BonusOffer("SPRING", 5_00, 30))
        assert outcomes(
            lambda _number: confirm_top_up(
                account_id=top_up.account_id,
                top_up_id=top_up.id,
                paid_fen=50_00,
                provider_payment_number="P1",
                now=NOW,
            )
        ) == {"OK": 64}
        assert wallet_of(line.account_id) == (50_00, 5_00, 2)
        assert BonusGrant.objects.get().expires_at == NOW + timedelta(days=30)
        assert TopUp.objects.get().state == "SUCCEEDED"
        assert broken_invariants() == {}
