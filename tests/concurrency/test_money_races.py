"""Money from many sides at once. Each race has a control: the same trial without its guard comes out wrong."""

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest

from billing.models import Bill, BillRun, Charge, Counterpart, PaymentNumber, TopUp, TopUpFailure, TopUpState
from billing.operations import issue_bills as issuing
from billing.operations import top_ups as topping_up
from billing.operations.ledger import Posting, post_entries
from billing.operations.top_ups import confirm_top_up, fail_top_up, start_top_up
from kernel.channel import Channel
from kernel.clock import SHANGHAI, Month
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import (
    NOW,
    entries_of,
    make_charge,
    make_line,
    make_top_up,
    opened_long_ago,
    wallet_of,
)
from tests.races import AT_ONCE, function_without, meet_after, outcomes, table_without

pytestmark = pytest.mark.django_db(transaction=True)

# Each guard with what stands there without it, and a pause in which all the others look as well before any writes.
LOCK = ("FOR NO KEY UPDATE;\n    IF NOT FOUND", ";\n    IF NOT FOUND")
KEY = ("    IF FOUND THEN\n", "    IF false THEN\n")
FLOOR = ("amount < held_change AND", "false AND")
GUARDED_UPDATE = ("AND waiting.state <> 'SUCCEEDED'", "")
PAUSE = ("    IF amount >= 0 THEN\n", "    PERFORM pg_sleep(0.5);\n    IF amount >= 0 THEN\n")


ledger_without = partial(function_without, "post_entries.sql")
top_up_confirmed_without = partial(function_without, "confirm_top_up.sql")


def post(account_id: uuid.UUID, key: str, amount_fen: int) -> Posting:
    return post_entries(
        account_id=account_id,
        posting_key=key,
        amount_fen=amount_fen,
        counterpart=Counterpart.OPENING if amount_fen > 0 else Counterpart.REVENUE,
        reason_kind="TEST",
        reason_id=account_id,
        now=NOW,
    )


class TestOneKeyFromManySides:
    @staticmethod
    def credit(account_id: uuid.UUID) -> tuple[Callable[[int], None], list[Posting]]:
        postings: list[Posting] = []
        return lambda _number: postings.append(post(account_id, "same", 5_00)), postings

    def test_is_one_posting_and_one_answer(self) -> None:
        account_id = make_line().account_id
        act, postings = self.credit(account_id)
        assert outcomes(act) == {"OK": 64}
        assert wallet_of(account_id) == (5_00, 0, 1)
        assert entries_of(account_id) == [(1, "CASH", 5_00, 0, 5_00)]
        assert {(posting.cash_fen, posting.version) for posting in postings} == {(5_00, 1)}
        assert sorted(posting.repeated for posting in postings) == [False, *[True] * 63]
        assert broken_invariants() == {}

    def test_control_without_the_lock_callers_meet_errors(self) -> None:
        account_id = make_line().account_id
        act, _postings = self.credit(account_id)
        with ledger_without(LOCK, PAUSE):
            assert outcomes(act)["DATABASE_ERROR"] > 0
        assert broken_invariants() == {}

    def test_control_without_the_look_at_the_key_the_constraint_refuses(self) -> None:
        account_id = make_line().account_id
        act, _postings = self.credit(account_id)
        with ledger_without(KEY):
            assert outcomes(act) == {"OK": 1, "DATABASE_ERROR": 63}
        assert wallet_of(account_id) == (5_00, 0, 1)

    def test_control_without_key_and_constraint_money_is_made(self) -> None:
        account_id = make_line().account_id
        act, _postings = self.credit(account_id)
        key_once = ("ledger_entry_posting_key_once", "UNIQUE (account_id, posting_key, bucket)")
        with ledger_without(KEY), table_without("billing_ledger_entry", *key_once):
            assert outcomes(act) == {"OK": 64}
            assert wallet_of(account_id) == (320_00, 0, 64)


class TestManySpendsOfTooLittle:
    @staticmethod
    def spend(account_id: uuid.UUID) -> Callable[[int], object]:
        return lambda number: post(account_id, f"spend {number}", -1)

    def test_spends_what_is_there_and_refuses_the_rest(self) -> None:
        account_id = make_line(cash_fen=7, bonus_fen=3).account_id
        assert outcomes(self.spend(account_id)) == {"OK": 10, "INSUFFICIENT_BALANCE": 54}
        assert wallet_of(account_id) == (0, 0, 12)
        assert broken_invariants() == {}

    def test_control_without_the_lock_comes_out_otherwise(self) -> None:
        account_id = make_line(cash_fen=10).account_id
        with ledger_without(LOCK, PAUSE):
            assert outcomes(self.spend(account_id))["DATABASE_ERROR"] > 0
        assert broken_invariants() == {}

    def test_control_without_the_floor_the_constraint_refuses(self) -> None:
        account_id = make_line(cash_fen=10).account_id
        with ledger_without(FLOOR):
            assert outcomes(self.spend(account_id)) == {"OK": 10, "DATABASE_ERROR": 54}
        assert wallet_of(account_id) == (0, 0, 11)

    def test_control_without_floor_and_constraint_the_balance_is_overspent(self) -> None:
        account_id = make_line(cash_fen=10).account_id
        floor = ("wallet_not_below_floor", "CHECK (cash_fen >= overdraft_fen * -1)")
        held = (
            "wallet_covers_what_is_held",
            "CHECK (held_fen <= cash_fen + bonus_fen + overdraft_fen)",
        )
        with (
            ledger_without(FLOOR),
            table_without("billing_wallet", *floor),
            table_without("billing_wallet", *held),
        ):
            assert outcomes(self.spend(account_id)) == {"OK": 64}
            assert wallet_of(account_id) == (-54, 0, 65)


class TestOneTopUpStartedFromManySides:
    @staticmethod
    def start() -> Callable[[int], object]:
        line = make_line()
        return lambda _number: start_top_up(
            account_id=line.account_id,
            line_id=line.id,
            msisdn=line.msisdn,
            amount_fen=50_00,
            channel=Channel.WEB,
            provider="sandbox",
            idempotency_key="same",
            now=NOW,
        )

    def test_is_one_top_up(self) -> None:
        assert outcomes(self.start()) == {"OK": 64}
        assert (TopUp.objects.count(), PaymentNumber.objects.count()) == (1, 1)
        assert broken_invariants() == {}

    def test_control_without_the_constraint_it_is_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        act = self.start()
        monkeypatch.setattr(PaymentNumber.objects, "create", meet_after(PaymentNumber.objects.create))
        with table_without("billing_top_up", "top_up_key_once", "UNIQUE (account_id, idempotency_key)"):
            assert outcomes(act) == {"OK": AT_ONCE}
            assert TopUp.objects.count() == AT_ONCE


class TestOneTopUpConfirmedFromManySides:
    @staticmethod
    def confirm(top_up: TopUp) -> Callable[[int], object]:
        return lambda _number: confirm_top_up(
            account_id=top_up.account_id,
            top_up_id=top_up.id,
            paid_fen=50_00,
            provider_payment_number="P1",
            now=NOW,
        )

    def test_is_one_credit_and_one_text(self) -> None:
        top_up = make_top_up(make_line(cash_fen=1_00))
        assert outcomes(self.confirm(top_up)) == {"OK": 64}
        assert wallet_of(top_up.account_id) == (51_00, 0, 2)
        assert Sms.objects.filter(kind="TOP_UP_RECEIVED").count() == 1
        assert broken_invariants() == {}

    def test_control_without_the_guarded_update_the_key_still_holds(self) -> None:
        top_up = make_top_up(make_line(cash_fen=1_00))
        with top_up_confirmed_without(GUARDED_UPDATE):
            assert outcomes(self.confirm(top_up)) == {"OK": 64}
        assert wallet_of(top_up.account_id) == (51_00, 0, 2)

    def test_control_without_guarded_update_and_key_it_is_credited_many_times(self) -> None:
        top_up = make_top_up(make_line(cash_fen=1_00))
        key_of_its_own = ("for_account, key, hash", "for_account, gen_random_uuid()::text, hash")
        with top_up_confirmed_without(GUARDED_UPDATE, key_of_its_own):
            assert outcomes(self.confirm(top_up)) == {"OK": 64}
        assert wallet_of(top_up.account_id) == (1_00 + 64 * 50_00, 0, 65)
        assert set(broken_invariants()) == {"top_up_succeeded_is_one_credit"}


class TestConfirmingAndGivingUpAtOnce:
    @staticmethod
    def settle(top_up: TopUp) -> Callable[[int], object]:
        def one(number: int) -> None:
            if number % 2:
                fail_top_up(account_id=top_up.account_id, top_up_id=top_up.id, failure=TopUpFailure.REFUSED, now=NOW)
            else:
                TestOneTopUpConfirmedFromManySides.confirm(top_up)(number)

        return one

    def test_ends_with_the_money_credited_once(self) -> None:
        top_up = make_top_up(make_line())
        assert outcomes(self.settle(top_up)) == {"OK": 64}
        assert TopUp.objects.get().state == "SUCCEEDED"
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)
        assert broken_invariants() == {}

    def test_control_without_the_guard_a_credited_one_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        top_up = make_top_up(make_line())
        monkeypatch.setattr(topping_up, "_OPEN_STATES", list(TopUpState))
        TestOneTopUpConfirmedFromManySides.confirm(top_up)(0)
        fail_top_up(account_id=top_up.account_id, top_up_id=top_up.id, failure=TopUpFailure.REFUSED, now=NOW)
        assert "top_up_succeeded_is_one_credit" in broken_invariants()


class TestOneChargeFromManySides:
    def test_is_one_charge_one_posting_one_notice(self) -> None:
        line = make_line(cash_fen=30_00)
        reason_id = uuid.uuid4()
        assert outcomes(lambda _number: make_charge(line, charge_key="same", reason_id=reason_id)) == {"OK": 64}
        assert wallet_of(line.account_id) == (20_00, 0, 2)
        assert (Charge.objects.count(), Sms.objects.filter(kind="CHARGE_NOTICE").count()) == (1, 1)
        assert broken_invariants() == {}

    def test_control_with_a_key_for_each_it_is_charged_until_nothing_is_left(self) -> None:
        line = make_line(cash_fen=30_00)
        assert outcomes(lambda _number: make_charge(line)) == {"OK": 3, "INSUFFICIENT_BALANCE": 61}
        assert wallet_of(line.account_id) == (0, 0, 4)
        assert broken_invariants() == {}


class TestBillRunsAtOnce:
    MONTH = Month(2026, 10)

    def run_often(self) -> dict[str, int]:
        for _account in range(20):
            line = opened_long_ago(make_line(cash_fen=100_00))
            for amount_fen in (1, 20, 300):
                make_charge(line, amount_fen=amount_fen, now=datetime(2026, 10, 2, tzinfo=SHANGHAI))
        return outcomes(
            lambda number: issuing.issue_bills(month=self.MONTH, now=NOW, chunk_accounts=3 + number % 2), times=8
        )

    def test_make_one_bill_for_each_account(self) -> None:
        assert self.run_often() == {"OK": 8}
        assert list(Bill.objects.values_list("total_fen", flat=True)) == [321] * 20
        assert broken_invariants() == {}

    def test_control_without_turns_runs_meet_errors(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(issuing, "_take_turn", lambda month: BillRun.objects.get(period_date=month.first_date))
        # The lines are there, the bills are not yet, and the other runs come.
        monkeypatch.setattr(issuing, "_INSERT_HEADERS", f"SELECT pg_sleep(0.3); {issuing._INSERT_HEADERS}")
        assert self.run_often()["DATABASE_ERROR"] > 0
        assert broken_invariants() == {}
