from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import BillHead, Charge, ChargeReason, Hold, HoldStep
from billing.operations import ledger
from billing.operations.holds import CaptureTooLarge, HoldEnded, expire_holds, release, reserve
from billing.operations.ledger import IdempotencyConflict, InsufficientBalance, WalletMissing
from billing.queries.balance import get_balance
from kernel.errors import NotFound
from kernel.ids import uuid7
from messaging.models import Sms
from tests.factories.billing import (
    NOW,
    capture_hold,
    entries_of,
    give_bonus,
    held_of,
    make_charge,
    make_hold,
    make_line,
    wallet_of,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def steps_of(hold: Hold) -> list[tuple[int, str, int]]:
    steps = HoldStep.objects.filter(account_id=hold.account_id, hold_id=hold.id).order_by("number")
    return list(steps.values_list("number", "state", "amount_fen"))


class TestReserve:
    def test_sets_money_aside_without_moving_it(self) -> None:
        line = make_line(cash_fen=10_00, bonus_fen=1_00)
        hold = make_hold(line, 4_00)
        assert (hold.state, hold.amount_fen, hold.expires_at) == ("HELD", 4_00, NOW + HOUR)
        assert (wallet_of(line.account_id), held_of(line.account_id)) == ((10_00, 1_00, 2), 4_00)
        assert get_balance(line.account_id).available_fen == 7_00
        assert steps_of(hold) == [(1, "HELD", 4_00)]

    def test_keeps_others_from_spending_it(self) -> None:
        line = make_line(cash_fen=10_00)
        make_hold(line, 4_00)
        with pytest.raises(InsufficientBalance):
            make_charge(line, amount_fen=6_01)
        assert (wallet_of(line.account_id), held_of(line.account_id)) == ((10_00, 0, 1), 4_00)
        make_charge(line, amount_fen=6_00)
        assert wallet_of(line.account_id) == (4_00, 0, 2)

    def test_reaches_into_the_overdraft_and_no_further(self) -> None:
        line = make_line(cash_fen=10_00, overdraft_fen=5_00)
        make_hold(line, 12_00)
        with pytest.raises(InsufficientBalance), transaction.atomic():
            make_hold(line, 3_01)
        assert (held_of(line.account_id), Hold.objects.count(), HoldStep.objects.count()) == (12_00, 1, 1)
        make_hold(line, 3_00)
        assert held_of(line.account_id) == 15_00

    def test_answers_the_same_for_a_known_key(self) -> None:
        line = make_line(cash_fen=10_00)
        wanted: dict[str, Any] = {
            "account_id": line.account_id, "amount_fen": 6_00, "purpose": "流量包", "hold_key": "k",
        }  # fmt: skip
        first = reserve(**wanted, expires_at=NOW + HOUR, now=NOW)
        assert reserve(**wanted, expires_at=NOW + 2 * HOUR, now=NOW + HOUR) == first
        assert (held_of(line.account_id), HoldStep.objects.count()) == (6_00, 1)
        with pytest.raises(IdempotencyConflict):
            reserve(**{**wanted, "amount_fen": 1}, expires_at=NOW + HOUR, now=NOW)
        assert held_of(line.account_id) == 6_00

    def test_refuses_an_account_without_a_wallet(self) -> None:
        line = make_line()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM billing_wallet WHERE account_id = %s", [line.account_id])
        with pytest.raises(WalletMissing), transaction.atomic():
            make_hold(line, 1)
        assert not Hold.objects.exists()

    @pytest.mark.parametrize(("amount_fen", "hours"), [(0, 1), (-1, 1), (1, 0), (1, -1)])
    def test_refuses_nothing_and_the_past(self, amount_fen: int, hours: int) -> None:
        line = make_line(cash_fen=10_00)
        with pytest.raises(ValueError, match="a hold sets something aside"):
            make_hold(line, amount_fen, hours=hours)
        assert held_of(line.account_id) == 0


class TestCapture:
    def test_takes_the_whole(self) -> None:
        line = make_line(cash_fen=10_00)
        hold = make_hold(line, 4_00)
        captured = capture_hold(hold, 4_00)
        assert (captured.state, captured.captured_fen, captured.ended_at) == ("CAPTURED", 4_00, NOW)
        assert (wallet_of(line.account_id), held_of(line.account_id)) == ((6_00, 0, 2), 0)
        assert steps_of(hold) == [(1, "HELD", 4_00), (2, "CAPTURED", 4_00)]

    def test_takes_a_part_and_sets_the_rest_free(self) -> None:
        line = make_line(cash_fen=10_00)
        hold = make_hold(line, 10_00)
        capture_hold(hold, 1)
        assert (wallet_of(line.account_id), held_of(line.account_id)) == ((9_99, 0, 2), 0)
        assert get_balance(line.account_id).available_fen == 9_99

    def test_is_a_charge_with_its_reason_and_one_notice(self) -> None:
        line = make_line(cash_fen=10_00)
        hold, order_id = make_hold(line, 4_00), uuid7()
        capture_hold(
            hold,
            3_00,
            head=BillHead.THIRD_PARTY,
            name="视频会员",
            provider_name="某公司",
            reason_id=order_id,
            reason=ChargeReason.ORDER,
        )
        charge = Charge.objects.get(account_id=line.account_id)
        assert (charge.amount_fen, charge.head, charge.name, charge.provider_name, charge.msisdn) == (
            3_00, "THIRD_PARTY", "视频会员", "某公司", line.msisdn,
        )  # fmt: skip
        assert (charge.reason, charge.reason_id, charge.settled_at) == ("ORDER", order_id, NOW)
        text = Sms.objects.get(account_id=line.account_id)
        assert (text.kind, "因视频会员（某公司）扣费3.00元，当前余额7.00元" in text.body) == ("CHARGE_NOTICE", True)

    def test_takes_bonus_that_waited_for_it(self) -> None:
        line = make_line()
        give_bonus(line, 4_00, expires_at=NOW + HOUR)
        hold = make_hold(line, 4_00, hours=3)
        capture_hold(hold, 4_00, now=NOW + 2 * HOUR)
        assert (wallet_of(line.account_id), held_of(line.account_id)) == ((0, 0, 2), 0)

    def test_lets_what_it_does_not_take_pay_what_is_owed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        nudged: list[str] = []
        monkeypatch.setattr(ledger, "enqueue_after_commit", lambda task, **_arguments: nudged.append(task))
        line = make_line(cash_fen=10_00)
        whole, part = make_hold(line, 4_00), make_hold(line, 6_00)
        make_charge(line, amount_fen=2_00, may_owe=True)
        capture_hold(whole, 4_00)
        assert nudged == []
        capture_hold(part, 4_00)
        assert nudged == ["billing.settle_dues"]

    def test_leaves_other_holds_alone(self) -> None:
        line = make_line(cash_fen=10_00)
        first, _second = make_hold(line, 4_00), make_hold(line, 6_00)
        capture_hold(first, 4_00)
        assert (wallet_of(line.account_id), held_of(line.account_id)) == ((6_00, 0, 2), 6_00)

    def test_takes_once(self) -> None:
        line = make_line(cash_fen=10_00)
        hold = make_hold(line, 4_00)
        first = capture_hold(hold, 3_00)
        assert capture_hold(hold, 3_00, now=NOW + HOUR) == first
        with pytest.raises(HoldEnded):
            capture_hold(hold, 2_00)
        with pytest.raises(HoldEnded):
            release(account_id=line.account_id, hold_id=hold.id, now=NOW)
        assert (wallet_of(line.account_id), len(steps_of(hold))) == ((7_00, 0, 2), 2)

    def test_refuses_more_than_was_held(self) -> None:
        line = make_line(cash_fen=10_00)
        hold = make_hold(line, 4_00)
        with pytest.raises(CaptureTooLarge):
            capture_hold(hold, 4_01)
        assert (wallet_of(line.account_id), held_of(line.account_id)) == ((10_00, 0, 1), 4_00)

    @pytest.mark.parametrize("amount_fen", [0, -1])
    def test_refuses_to_take_nothing(self, amount_fen: int) -> None:
        hold = make_hold(make_line(cash_fen=10_00))
        with pytest.raises(ValueError, match="a capture takes something"):
            capture_hold(hold, amount_fen)
        assert held_of(hold.account_id) == 10_00

    def test_refuses_what_has_expired_before_the_sweeper_came(self) -> None:
        hold = make_hold(make_line(cash_fen=10_00))
        with pytest.raises(HoldEnded):
            capture_hold(hold, 1_00, now=hold.expires_at)
        assert wallet_of(hold.account_id) == (10_00, 0, 1)

    def test_finds_no_hold_of_another_account(self) -> None:
        hold, other = make_hold(make_line(cash_fen=10_00)), make_line(cash_fen=10_00)
        for account_id, hold_id in ((other.account_id, hold.id), (hold.account_id, uuid7())):
            with pytest.raises(NotFound):
                capture_hold(hold, 1_00, account_id=account_id, hold_id=hold_id)
            with pytest.raises(NotFound):
                release(account_id=account_id, hold_id=hold_id, now=NOW)
        assert held_of(hold.account_id) == 10_00


class TestRelease:
    def test_sets_free_once(self) -> None:
        line = make_line(cash_fen=10_00)
        hold = make_hold(line, 4_00)
        first = release(account_id=line.account_id, hold_id=hold.id, now=NOW)
        assert release(account_id=line.account_id, hold_id=hold.id, now=NOW + HOUR) == first
        assert (first.state, held_of(line.account_id), wallet_of(line.account_id)) == ("RELEASED", 0, (10_00, 0, 1))
        assert entries_of(line.account_id) == [(1, "CASH", 10_00, 0, 10_00)]
        with pytest.raises(HoldEnded):
            capture_hold(hold, 4_00)
        assert steps_of(hold) == [(1, "HELD", 4_00), (2, "RELEASED", 4_00)]


class TestExpireHolds:
    def test_sets_free_what_is_overdue(self) -> None:
        line = make_line(cash_fen=10_00)
        early, late = make_hold(line, 4_00, hours=1), make_hold(line, 1_00, hours=2)
        assert expire_holds(now=NOW + HOUR - timedelta(microseconds=1)) == 0
        assert expire_holds(now=NOW + HOUR) == 1
        assert expire_holds(now=NOW + HOUR) == 0
        assert (held_of(line.account_id), wallet_of(line.account_id)) == (1_00, (10_00, 0, 1))
        assert steps_of(early)[1:] == [(2, "EXPIRED", 4_00)]
        assert steps_of(late)[1:] == []

    def test_takes_no_more_than_asked(self) -> None:
        line = make_line(cash_fen=10_00)
        for _number in range(3):
            make_hold(line, 1_00)
        assert expire_holds(now=NOW + HOUR, limit=2) == 2
        assert held_of(line.account_id) == 1_00


class TestTheDatabaseItself:
    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            (
                "UPDATE billing_hold SET captured_fen = amount_fen + 1, state = 'CAPTURED', ended_at = now()",
                "hold_captures_no_more_than_held",
            ),
            ("UPDATE billing_hold SET captured_fen = 1", "hold_captured_is_an_amount"),
            ("UPDATE billing_hold SET state = 'RELEASED'", "hold_ended_has_instant"),
            ("UPDATE billing_hold SET state = 'GONE', ended_at = now()", "hold_state_known"),
            ("UPDATE billing_hold SET amount_fen = 0", "hold_amount_positive"),
            ("UPDATE billing_hold_step SET number = 2", "hold_step_is_beginning_or_end"),
        ],
    )
    def test_refuses_holds_that_make_no_sense(self, statement: str, constraint: str) -> None:
        make_hold(make_line(cash_fen=10_00))
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
