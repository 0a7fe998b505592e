"""What is owed, paid and charged from many sides at once; each race with a control that shows what its guard is for."""

import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError

from accounts.models import Line
from billing.models import BillHead, Charge, ChargeReason
from billing.operations import ledger
from billing.operations.charge import ChargeRequest, charge_accounts
from billing.operations.dues import settle_dues
from billing.operations.top_ups import confirm_top_up
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import NOW, give_cash, make_charge, make_line, make_top_up, wallet_of
from tests.races import at_once, function_without, outcomes

pytestmark = pytest.mark.django_db(transaction=True)

WALLET_LOCK = "PERFORM FROM billing_wallet AS wallet WHERE wallet.account_id = for_account FOR NO KEY UPDATE;"
IN_ORDER = "FOR request IN SELECT * FROM charge_request AS staged ORDER BY staged.account_id, staged.number LOOP"


class TestManySettlers:
    def paid(self, line: Line) -> list[int]:
        """Return how many charges each of eight settlers says it paid."""
        return sorted(at_once(lambda _number: settle_dues(account_id=line.account_id, now=NOW).paid_charges, times=8))

    def debtor(self) -> Line:
        line = make_line()
        make_charge(line, amount_fen=10_00, may_owe=True)
        give_cash(line, 25_00)
        return line

    def test_pay_once(self) -> None:
        line = self.debtor()
        assert self.paid(line) == [0] * 7 + [1]
        assert (wallet_of(line.account_id), Sms.objects.filter(kind="DUES_PAID").count()) == ((15_00, 0, 2), 1)
        assert broken_invariants() == {}

    def test_control_without_the_wallets_lock_several_try_to_pay(self) -> None:
        line = self.debtor()
        reading = "EXIT WHEN due.amount_fen > spendable - paid_fen;"
        with function_without("charge.sql", (WALLET_LOCK, ""), (reading, f"PERFORM pg_sleep(0.5); {reading}")):
            ended = outcomes(lambda _number: settle_dues(account_id=line.account_id, now=NOW), times=8)
        # The key of what the charge earns stops all but one; the ledger's own lock and key would as well.
        assert ended["DATABASE_ERROR"] >= 1
        assert wallet_of(line.account_id) == (15_00, 0, 2)


class TestChargeAndTopUpAtOnce:
    def meet(self, monkeypatch: pytest.MonkeyPatch) -> list[Line]:
        """Let eight accounts be charged and topped up at once, with a worker that follows every nudge."""

        def follow(_task: str, *, account_id: str) -> None:
            transaction.on_commit(partial(settle_dues, account_id=uuid.UUID(account_id), now=NOW))

        monkeypatch.setattr(ledger, "enqueue_after_commit", follow)
        lines = [make_line() for _account in range(8)]
        top_ups = [make_top_up(line) for line in lines]

        def act(number: int) -> None:
            line, top_up = lines[number // 2], top_ups[number // 2]
            if number % 2:
                make_charge(line, amount_fen=10_00, may_owe=True)
            else:
                confirm_top_up(
                    account_id=line.account_id,
                    top_up_id=top_up.id,
                    paid_fen=50_00,
                    provider_payment_number=f"P{number}",
                    now=NOW,
                )

        at_once(act, times=16)
        return lines

    def test_leave_nothing_owed_whichever_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = self.meet(monkeypatch)
        assert Charge.objects.filter(settled_at=None).count() == 0
        assert [wallet_of(line.account_id) for line in lines] == [(40_00, 0, 2)] * 8
        assert broken_invariants() == {}

    def test_control_without_a_look_at_dues_after_the_credit_some_stay_owed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with function_without(
            "confirm_top_up.sql",
            ("is_owing := EXISTS (", "PERFORM pg_sleep(0.5); is_owing := false AND EXISTS ("),
            ("RETURNING * INTO confirmed;", "RETURNING * INTO confirmed; PERFORM pg_sleep(0.5);"),
        ):
            self.meet(monkeypatch)
        assert Charge.objects.filter(settled_at=None).count() > 0


class TestBatchesInOppositeOrder:
    def charge(self) -> Callable[[int], object]:
        lines = [make_line(cash_fen=100_00) for _account in range(4)]

        def act(number: int) -> None:
            ordered = lines if number % 2 else lines[::-1]
            charge_accounts(requests=[request(line, f"fee:{number}") for line in ordered], now=NOW)

        return act

    def test_wait_for_each_other(self) -> None:
        assert outcomes(self.charge(), times=8) == {"OK": 8}
        assert Charge.objects.count() == 32
        assert broken_invariants() == {}

    def test_control_in_the_callers_order_they_deadlock(self) -> None:
        as_given = "FOR request IN SELECT * FROM charge_request AS staged ORDER BY staged.number LOOP"
        with function_without("charge.sql", (IN_ORDER, f"{as_given} PERFORM pg_sleep(0.2);")):
            assert outcomes(self.charge(), times=2)["DATABASE_ERROR"] == 1
        assert broken_invariants() == {}


class TestOneChargeInManyBatches:
    def run_often(self) -> dict[str, int]:
        line = make_line(cash_fen=100_00)
        return outcomes(lambda _number: charge_accounts(requests=[request(line, "fee")], now=NOW), times=8)

    def test_is_made_once(self) -> None:
        assert self.run_often() == {"OK": 8}
        assert (Charge.objects.count(), Sms.objects.count()) == (1, 1)
        assert broken_invariants() == {}

    def test_control_without_a_look_at_the_key_other_guards_refuse(self) -> None:
        look = "WHERE charge.account_id = for_account AND charge.id = with_id;"
        with function_without("charge.sql", (look, "WHERE false;")):
            assert self.run_often() == {"OK": 1, "DATABASE_ERROR": 7}
        assert broken_invariants() == {}


class TestBatchThatDies:
    def test_leaves_nothing_of_its_chunk_and_is_made_again(self) -> None:
        lines = [make_line(cash_fen=number % 2 * 100_00) for number in range(6)]
        requests = [request(line, "fee:2026-11") for line in lines]
        charge_accounts(requests=requests[:3], now=NOW)
        with (
            function_without(
                "charge.sql",
                (IN_ORDER, f"{IN_ORDER} PERFORM pg_terminate_backend(pg_backend_pid()) WHERE request.number = 2;"),
            ),
            pytest.raises(OperationalError),
        ):
            at_once(lambda _number: charge_accounts(requests=requests[3:], now=NOW), times=1)
        connection.close()
        assert (Charge.objects.count(), Sms.objects.count()) == (3, 3)
        again = [charge_accounts(requests=requests[:3], now=NOW), charge_accounts(requests=requests[3:], now=NOW)]
        assert [(batch.repeated, batch.settled + batch.due) for batch in again] == [(3, 0), (0, 3)]
        assert (Charge.objects.count(), Sms.objects.count()) == (6, 6)
        assert broken_invariants() == {}


def request(line: Line, key: str) -> ChargeRequest:
    return ChargeRequest(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        language=line.language,
        head=BillHead.PLAN,
        name="畅享套餐",
        provider_name="",
        amount_fen=10_00,
        reason=ChargeReason.SUBSCRIPTION,
        reason_id=line.id,
        charge_key=key,
    )
