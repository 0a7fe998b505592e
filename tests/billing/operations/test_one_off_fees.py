from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import BillHead, Charge, ChargeReason, OneOffFee
from billing.operations.ledger import IdempotencyConflict
from billing.operations.one_off_fees import (
    FeeDecided,
    ProviderMissing,
    SecondPersonNeeded,
    approve_one_off_fee,
    refuse_one_off_fee,
)
from kernel.errors import NotFound
from kernel.ids import uuid7
from kernel.money import AmountOutOfRange
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import NOW, make_line, propose_fee, wallet_of

pytestmark = pytest.mark.django_db


def approve(fee: OneOffFee, *, checked_by: int = 2) -> OneOffFee:
    return approve_one_off_fee(account_id=fee.account_id, fee_id=fee.id, checked_by=checked_by, now=NOW)


def refuse(fee: OneOffFee, *, checked_by: int = 2) -> OneOffFee:
    return refuse_one_off_fee(
        account_id=fee.account_id, fee_id=fee.id, checked_by=checked_by, refusal="客户已付", now=NOW
    )


class TestProposeOneOffFee:
    def test_writes_it_down_and_charges_nothing(self) -> None:
        line = make_line(cash_fen=50_00)
        fee = propose_fee(line)
        assert (fee.state, fee.amount_fen, fee.head, fee.name, fee.words, fee.msisdn, fee.proposed_by) == (
            "PROPOSED", 20_00, "OTHER", "补卡工本费", "客户遗失SIM卡", line.msisdn, 1,
        )  # fmt: skip
        assert (wallet_of(line.account_id), Charge.objects.count(), Sms.objects.count()) == ((50_00, 0, 1), 0, 0)

    def test_is_one_proposal_for_one_form(self) -> None:
        line = make_line()
        assert propose_fee(line, request_key="k") == propose_fee(line, request_key="k")
        with pytest.raises(IdempotencyConflict):
            propose_fee(line, request_key="k", name="other")
        assert OneOffFee.objects.count() == 1

    @pytest.mark.parametrize("amount_fen", [0, -1, 500_01])
    def test_refuses_nothing_and_too_much(self, amount_fen: int) -> None:
        with pytest.raises(AmountOutOfRange):
            propose_fee(make_line(), amount_fen=amount_fen)
        assert not OneOffFee.objects.exists()

    def test_names_the_provider_where_it_is_collected_for_one_and_nowhere_else(self) -> None:
        line = make_line()
        with pytest.raises(ProviderMissing):
            propose_fee(line, head=BillHead.THIRD_PARTY)
        assert not OneOffFee.objects.exists()
        assert propose_fee(line, head=BillHead.THIRD_PARTY, provider_name="某公司").provider_name == "某公司"
        assert propose_fee(line, provider_name="某公司").provider_name == ""

    def test_finds_no_line_of_another_account(self) -> None:
        line = make_line()
        with pytest.raises(NotFound):
            propose_fee(line, line_id=make_line().id)
        assert not OneOffFee.objects.exists()


class TestApproveOneOffFee:
    def test_charges_it_with_its_reason_and_tells_the_customer(self) -> None:
        line = make_line(cash_fen=50_00)
        fee = approve(propose_fee(line))
        assert (fee.state, fee.checked_by, fee.checked_at) == ("CHARGED", 2, NOW)
        charge = Charge.objects.get(account_id=line.account_id)
        assert (charge.amount_fen, charge.head, charge.name, charge.reason, charge.reason_id, charge.settled_at) == (
            20_00, "OTHER", "补卡工本费", ChargeReason.ONE_OFF, fee.id, NOW,
        )  # fmt: skip
        assert wallet_of(line.account_id) == (30_00, 0, 2)
        assert "因补卡工本费扣费20.00元，当前余额30.00元" in Sms.objects.get().body

    def test_is_owed_where_the_wallet_does_not_reach(self) -> None:
        line = make_line(cash_fen=19_99)
        approve(propose_fee(line))
        assert Charge.objects.get(account_id=line.account_id).settled_at is None
        assert (wallet_of(line.account_id), Sms.objects.get().kind) == ((19_99, 0, 1), "CHARGE_DUE")

    def test_needs_a_second_person(self) -> None:
        fee = propose_fee(make_line(cash_fen=50_00), proposed_by=7)
        for decide in (approve, refuse):
            with pytest.raises(SecondPersonNeeded):
                decide(fee, checked_by=7)
        fee.refresh_from_db()
        assert (fee.state, Charge.objects.count()) == ("PROPOSED", 0)

    def test_happens_once(self) -> None:
        line = make_line(cash_fen=50_00)
        fee = approve(propose_fee(line))
        for decide in (approve, refuse):
            with pytest.raises(FeeDecided):
                decide(fee, checked_by=3)
        assert (wallet_of(line.account_id), Sms.objects.count()) == ((30_00, 0, 2), 1)

    def test_finds_nothing_of_another_account(self) -> None:
        fee, other = propose_fee(make_line(cash_fen=50_00)), make_line()
        for account_id, fee_id in ((other.account_id, fee.id), (fee.account_id, uuid7())):
            with pytest.raises(NotFound):
                approve_one_off_fee(account_id=account_id, fee_id=fee_id, checked_by=2, now=NOW)
        assert Charge.objects.count() == 0


class TestRefuseOneOffFee:
    def test_keeps_it_to_be_seen_and_charges_nothing(self) -> None:
        line = make_line(cash_fen=50_00)
        fee = refuse(propose_fee(line))
        assert (fee.state, fee.refusal, fee.checked_by) == ("REFUSED", "客户已付", 2)
        with pytest.raises(FeeDecided):
            approve(fee, checked_by=3)
        assert (wallet_of(line.account_id), Charge.objects.count(), Sms.objects.count()) == ((50_00, 0, 1), 0, 0)


class TestTheDatabaseItself:
    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            (
                "UPDATE billing_one_off_fee SET state = 'CHARGED', checked_by = proposed_by, checked_at = now()",
                "one_off_fee_needs_two_people",
            ),
            ("UPDATE billing_one_off_fee SET state = 'CHARGED'", "one_off_fee_decided_was_checked"),
            ("UPDATE billing_one_off_fee SET amount_fen = 0", "one_off_fee_amount_positive"),
            ("UPDATE billing_one_off_fee SET head = 'THIRD_PARTY'", "one_off_fee_for_others_names_provider"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, statement: str, constraint: str) -> None:
        propose_fee(make_line())
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
class TestBooks:
    @pytest.mark.parametrize("change", [{"state": "REFUSED"}, {"amount_fen": 1}])
    def test_are_in_order_and_found_broken(self, change: dict[str, Any]) -> None:
        line = make_line(cash_fen=50_00)
        fees = [propose_fee(line) for _fee in range(3)]
        approve(fees[0])
        refuse(fees[1])
        assert broken_invariants() == {}
        OneOffFee.objects.filter(state="CHARGED").update(**change)
        assert set(broken_invariants()) == {"one_off_fee_is_one_charge"}
