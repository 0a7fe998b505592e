import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from billing.models import Adjustment, AdjustmentReason, LedgerEntry
from billing.operations.adjustments import (
    AdjustmentDecided,
    SecondPersonNeeded,
    approve_adjustment,
    propose_adjustment,
    refuse_adjustment,
)
from billing.operations.ledger import IdempotencyConflict, InsufficientBalance
from kernel.errors import NotFound
from kernel.ids import uuid7
from kernel.money import AmountOutOfRange
from messaging.models import Sms
from tests.factories.billing import NOW, entries_of, make_line, propose, wallet_of

pytestmark = pytest.mark.django_db


def approve(adjustment: Adjustment, *, checked_by: int = 2) -> Adjustment:
    return approve_adjustment(
        account_id=adjustment.account_id, adjustment_id=adjustment.id, checked_by=checked_by, now=NOW
    )


def refuse(adjustment: Adjustment, *, checked_by: int = 2) -> Adjustment:
    return refuse_adjustment(
        account_id=adjustment.account_id,
        adjustment_id=adjustment.id,
        checked_by=checked_by,
        refusal="没有凭证",
        now=NOW,
    )


class TestProposeAdjustment:
    def arguments(self, **changes: Any) -> dict[str, Any]:
        line = make_line()
        return {
            "account_id": line.account_id,
            "line_id": line.id,
            "amount_fen": 5_00,
            "reason": AdjustmentReason.GOODWILL,
            "words": "words",
            "request_key": "k",
            "proposed_by": 1,
            "now": NOW,
            **changes,
        }

    def test_writes_it_down_and_moves_nothing(self) -> None:
        line = make_line(cash_fen=1_00)
        adjustment = propose(line, -1_00)
        assert (adjustment.state, adjustment.amount_fen, adjustment.msisdn, adjustment.proposed_by) == (
            "PROPOSED", -1_00, line.msisdn, 1,
        )  # fmt: skip
        assert (wallet_of(line.account_id), Sms.objects.count()) == ((1_00, 0, 1), 0)

    def test_is_one_proposal_for_one_form(self) -> None:
        arguments = self.arguments()
        assert propose_adjustment(**arguments) == propose_adjustment(**arguments)
        with pytest.raises(IdempotencyConflict):
            propose_adjustment(**{**arguments, "amount_fen": 6_00})
        assert Adjustment.objects.count() == 1

    @pytest.mark.parametrize("amount_fen", [0, 500_01, -500_01])
    def test_refuses_nothing_and_too_much(self, amount_fen: int) -> None:
        with pytest.raises(AmountOutOfRange):
            propose_adjustment(**self.arguments(amount_fen=amount_fen))
        assert not Adjustment.objects.exists()

    def test_takes_the_limit_from_the_settings(self, settings: Settings) -> None:
        settings.ADJUSTMENT_MAXIMUM_FEN = 600_00
        assert propose_adjustment(**self.arguments(amount_fen=-600_00)).amount_fen == -600_00

    def test_finds_no_line_of_another_account(self) -> None:
        with pytest.raises(NotFound):
            propose_adjustment(**self.arguments(line_id=make_line().id))
        assert not Adjustment.objects.exists()


class TestApproveAdjustment:
    @pytest.mark.parametrize(("amount_fen", "left_fen"), [(5_00, 15_00), (-5_00, 5_00)])
    def test_posts_it(self, amount_fen: int, left_fen: int) -> None:
        line = make_line(cash_fen=10_00)
        adjustment = approve(propose(line, amount_fen))
        assert (adjustment.state, adjustment.checked_by, adjustment.checked_at) == ("POSTED", 2, NOW)
        assert wallet_of(line.account_id) == (left_fen, 0, 2)
        entry = LedgerEntry.objects.get(account_id=line.account_id, version=2)
        assert (entry.counterpart, entry.reason_kind, entry.reason_id) == ("ADJUSTMENTS", "ADJUSTMENT", adjustment.id)

    @pytest.mark.parametrize(
        ("language", "amount_fen", "text"),
        [
            ("zh-hans", 5_00, "调账提醒：11月22日14时30分因误收费用为号码{number}返还5.00元，当前余额15.00元。"),
            ("zh-hans", -5_00, "调账提醒：11月22日14时30分因误收费用从号码{number}补扣5.00元，当前余额5.00元。"),
            (
                "en",
                5_00,
                (
                    "Adjustment: 5.00 yuan given back for number {number} at 22 Nov 14:30 (charged wrongly). "
                    "Balance now: 15.00 yuan."
                ),
            ),
        ],
    )
    def test_tells_the_customer(self, language: str, amount_fen: int, text: str) -> None:
        line = make_line(cash_fen=10_00, language=language)
        approve(propose(line, amount_fen))
        number = f"{line.msisdn[3:6]}****{line.msisdn[-4:]}"
        assert text.format(number=number) in Sms.objects.get().body

    def test_needs_a_second_person(self) -> None:
        line = make_line()
        adjustment = propose(line, proposed_by=7)
        with pytest.raises(SecondPersonNeeded):
            approve(adjustment, checked_by=7)
        with pytest.raises(SecondPersonNeeded):
            refuse(adjustment, checked_by=7)
        adjustment.refresh_from_db()
        assert (adjustment.state, wallet_of(line.account_id)) == ("PROPOSED", (0, 0, 0))

    def test_happens_once(self) -> None:
        line = make_line()
        adjustment = approve(propose(line, 5_00))
        for decide in (approve, refuse):
            with pytest.raises(AdjustmentDecided):
                decide(adjustment, checked_by=3)
        assert (wallet_of(line.account_id), Sms.objects.count()) == ((5_00, 0, 1), 1)

    def test_leaves_the_proposal_when_the_balance_does_not_reach(self) -> None:
        line = make_line(cash_fen=1_00)
        adjustment = propose(line, -1_01)
        with pytest.raises(InsufficientBalance):
            approve(adjustment)
        adjustment.refresh_from_db()
        assert (adjustment.state, adjustment.checked_by, wallet_of(line.account_id)) == ("PROPOSED", None, (1_00, 0, 1))

    def test_finds_nothing_of_another_account(self) -> None:
        adjustment, other = propose(make_line()), make_line()
        for account_id, row_id in ((other.account_id, adjustment.id), (adjustment.account_id, uuid7())):
            with pytest.raises(NotFound):
                approve_adjustment(account_id=account_id, adjustment_id=row_id, checked_by=2, now=NOW)
        assert entries_of(adjustment.account_id) == []


class TestRefuseAdjustment:
    def test_keeps_it_to_be_seen_and_moves_nothing(self) -> None:
        line = make_line()
        adjustment = refuse(propose(line))
        assert (adjustment.state, adjustment.refusal, adjustment.checked_by) == ("REFUSED", "没有凭证", 2)
        with pytest.raises(AdjustmentDecided):
            approve(adjustment, checked_by=3)
        assert (entries_of(line.account_id), Sms.objects.count()) == ([], 0)


class TestTheDatabaseItself:
    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            (
                "UPDATE billing_adjustment SET state = 'POSTED', checked_by = proposed_by, checked_at = now()",
                "adjustment_needs_two_people",
            ),
            ("UPDATE billing_adjustment SET state = 'POSTED'", "adjustment_decided_was_checked"),
            ("UPDATE billing_adjustment SET checked_by = 2, checked_at = now()", "adjustment_decided_was_checked"),
            ("UPDATE billing_adjustment SET amount_fen = 0", "adjustment_moves_money"),
        ],
    )
    def test_refuses_what_one_person_would_do_alone(self, statement: str, constraint: str) -> None:
        propose(make_line(), proposed_by=1)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_knows_no_second_proposal_for_a_form(self) -> None:
        line = make_line()
        for _number in range(2):
            propose(line)
        with (
            pytest.raises(IntegrityError, match="adjustment_request_key_once"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE billing_adjustment SET request_key = %s", [str(uuid.UUID(int=1))])
