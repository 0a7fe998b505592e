import uuid
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Line
from billing.models import BillHead, Charge, ChargeReason
from billing.operations.charge import (
    ChargedBatch,
    ChargeRefusal,
    ChargeRequest,
    RefusedCharge,
    charge_accounts,
    charge_wallet,
)
from kernel.ids import uuid7
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import NOW, make_line, wallet_of

pytestmark = pytest.mark.django_db

SUBSCRIPTION = uuid.UUID("018f0000-0000-7000-8000-000000000003")


def fee(line: Line, **changes: Any) -> ChargeRequest:
    arguments: dict[str, Any] = {
        "account_id": line.account_id,
        "line_id": line.id,
        "msisdn": line.msisdn,
        "language": line.language,
        "head": BillHead.PLAN,
        "name": "畅享套餐59元",
        "provider_name": "",
        "amount_fen": 59_00,
        "reason": ChargeReason.SUBSCRIPTION,
        "reason_id": SUBSCRIPTION,
        "charge_key": f"fee:{SUBSCRIPTION}:2026-11",
    }
    return ChargeRequest(**{**arguments, **changes})


def run(*requests: ChargeRequest) -> ChargedBatch:
    return charge_accounts(requests=requests, now=NOW)


def state() -> tuple[list[Any], list[Any]]:
    charges = Charge.objects.order_by("account_id", "charge_key").values_list("id", "amount_fen", "settled_at", "name")
    return list(charges), list(Sms.objects.order_by("account_id", "id").values_list("id", "kind", "body"))


class TestChargeAccounts:
    def test_pays_where_the_wallet_reaches_and_owes_where_it_does_not(self) -> None:
        rich, poor = make_line(cash_fen=100_00), make_line(cash_fen=58_99, language="en")
        assert run(fee(poor), fee(rich)) == ChargedBatch(settled=1, due=1, repeated=0, refused=())
        assert Charge.objects.get(account_id=rich.account_id).settled_at == NOW
        assert Charge.objects.get(account_id=poor.account_id).settled_at is None
        assert (wallet_of(rich.account_id), wallet_of(poor.account_id)) == ((41_00, 0, 2), (58_99, 0, 1))
        paid, owed = Sms.objects.get(account_id=rich.account_id), Sms.objects.get(account_id=poor.account_id)
        assert (paid.kind, "扣费59.00元，当前余额41.00元" in paid.body) == ("CHARGE_NOTICE", True)
        assert (owed.kind, "you owe 59.00 yuan in all" in owed.body) == ("CHARGE_DUE", True)

    def test_charges_one_account_in_the_order_given(self) -> None:
        line = make_line(cash_fen=60_00)
        batch = run(fee(line, charge_key="1"), fee(line, charge_key="2"), fee(line, charge_key="3", amount_fen=1_00))
        assert batch == ChargedBatch(settled=2, due=1, repeated=0, refused=())
        assert list(Charge.objects.filter(settled_at=None).values_list("charge_key", flat=True)) == ["2"]
        assert wallet_of(line.account_id) == (0, 0, 3)

    def test_changes_nothing_when_it_is_run_again(self) -> None:
        lines = [make_line(cash_fen=fen) for fen in (100_00, 0)]
        requests = [fee(line) for line in lines]
        run(*requests)
        before = state()
        again = charge_accounts(requests=requests, now=NOW + timedelta(days=1))
        assert again == ChargedBatch(settled=0, due=0, repeated=2, refused=())
        assert state() == before

    def test_knows_what_was_charged_alone(self) -> None:
        line = make_line(cash_fen=100_00)
        request = fee(line)
        arguments = {name: getattr(request, name) for name in ChargeRequest.__slots__}
        charge_wallet(**arguments, now=NOW)
        assert run(request) == ChargedBatch(settled=0, due=0, repeated=1, refused=())

    def test_charges_a_key_that_comes_twice_once(self) -> None:
        line = make_line(cash_fen=200_00)
        assert run(fee(line), fee(line)) == ChargedBatch(settled=1, due=0, repeated=1, refused=())
        assert (wallet_of(line.account_id), Sms.objects.count()) == ((141_00, 0, 2), 1)

    @pytest.mark.parametrize(
        "change", [{"amount_fen": 1}, {"name": "other"}, {"head": BillHead.OTHER}, {"reason_id": uuid.UUID(int=1)}]
    )
    def test_reports_a_known_key_with_other_data_and_does_not_apply_it(self, change: dict[str, Any]) -> None:
        line, neighbour = make_line(cash_fen=200_00), make_line(cash_fen=100_00)
        run(fee(line))
        batch = run(fee(line, **change), fee(neighbour))
        assert batch == ChargedBatch(settled=1, due=0, repeated=0, refused=(RefusedCharge(0, ChargeRefusal.KEY_USED),))
        assert (wallet_of(line.account_id), wallet_of(neighbour.account_id)) == ((141_00, 0, 2), (41_00, 0, 2))

    def test_leaves_out_what_is_wrong_and_charges_its_neighbours(self) -> None:
        line = make_line(cash_fen=100_00)
        batch = run(
            fee(line, amount_fen=0, charge_key="1"),
            fee(line, head=BillHead.THIRD_PARTY, charge_key="2"),
            fee(line, account_id=uuid7(), charge_key="3"),
            fee(line, amount_fen=100_01, may_owe=False, charge_key="4"),
            fee(line, head=BillHead.THIRD_PARTY, provider_name="某视频公司", charge_key="5"),
        )
        assert (batch.settled, batch.due) == (1, 0)
        assert [(left.index, left.reason) for left in batch.refused] == [
            (0, "AMOUNT_NOT_POSITIVE"),
            (1, "PROVIDER_MISSING"),
            (2, "WALLET_MISSING"),
            (3, "INSUFFICIENT_BALANCE"),
        ]
        assert (wallet_of(line.account_id), Sms.objects.count()) == ((41_00, 0, 2), 1)
        assert "畅享套餐59元（某视频公司）" in Sms.objects.get().body

    def test_has_nothing_to_do_without_requests(self) -> None:
        assert run() == ChargedBatch(settled=0, due=0, repeated=0, refused=())

    def test_keeps_each_text_with_its_charge_in_a_large_batch(self) -> None:
        lines = [make_line(cash_fen=number % 2 * 100_00) for number in range(40)]
        requests = [fee(line, charge_key=f"fee:{month}") for month in range(15) for line in lines]
        assert run(*requests) == ChargedBatch(settled=20, due=580, repeated=0, refused=())
        assert (Charge.objects.count(), Sms.objects.count()) == (600, 600)
        assert Sms.objects.filter(kind="CHARGE_DUE").count() == 580


@pytest.mark.django_db(transaction=True)
class TestBooks:
    def test_are_in_order_after_a_batch(self) -> None:
        lines = [make_line(cash_fen=fen) for fen in (100_00, 0, 59_00)]
        run(*[fee(line) for line in lines])
        assert broken_invariants() == {}
