import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Line
from billing.events import account_settled
from billing.models import Charge, LedgerEntry
from billing.operations import ledger
from billing.operations.adjustments import approve_adjustment
from billing.operations.dues import Settlement, settle_dues, sweep_dues
from billing.operations.holds import release
from billing.operations.top_ups import confirm_top_up
from billing.operations.wallets import set_overdraft
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import (
    NOW,
    give_bonus,
    make_charge,
    make_hold,
    make_line,
    make_top_up,
    propose,
    wallet_of,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=5)


def owe(line: Line, amount_fen: int, *, days_ago: int = 1, **changes: Any) -> Charge:
    """Owe a charge; the wallet must not reach for it."""
    charge = make_charge(line, amount_fen=amount_fen, may_owe=True, now=NOW - timedelta(days=days_ago), **changes)
    assert charge.settled_at is None
    return charge


def settled(line: Line) -> list[tuple[int, datetime | None]]:
    """Return (fen, paid at) of the charges, oldest first."""
    charges = Charge.objects.filter(account_id=line.account_id).order_by("charged_at")
    return list(charges.values_list("amount_fen", "settled_at"))


def texts_of(line: Line) -> list[str]:
    return list(Sms.objects.filter(account_id=line.account_id, kind="DUES_PAID").values_list("body", flat=True))


class TestSettleDues:
    def test_pays_everything_and_says_so_once(self) -> None:
        line = make_line()
        first, second = owe(line, 59_00, days_ago=3), owe(line, 10_00)
        give_bonus(line, 80_00)
        assert settle_dues(account_id=line.account_id, now=LATER) == Settlement(2, 69_00, 0)
        assert settled(line) == [(59_00, LATER), (10_00, LATER)]
        assert wallet_of(line.account_id) == (0, 11_00, 3)
        keys = (
            LedgerEntry.objects.filter(reason_kind="CHARGE").order_by("version").values_list("posting_key", flat=True)
        )
        assert list(keys) == [f"charge:{first.id}", f"charge:{second.id}"]
        masked = f"{line.msisdn[3:6]}****{line.msisdn[-4:]}"
        assert texts_of(line) == [
            f"【和风通信】缴清提醒：11月22日19时30分已为号码{masked}扣缴欠费69.00元，欠费已全部缴清，当前余额11.00元。"
        ]

    def test_pays_the_oldest_first_and_says_what_is_owed_still(self) -> None:
        line = make_line(language="en")
        owe(line, 10_00, days_ago=3)
        owe(line, 59_00, days_ago=2)
        owe(line, 5_00)
        give_bonus(line, 20_00)
        assert settle_dues(account_id=line.account_id, now=LATER) == Settlement(1, 10_00, 64_00)
        assert settled(line) == [(10_00, LATER), (59_00, None), (5_00, None)]
        (text,) = texts_of(line)
        assert "You still owe 64.00 yuan. Balance now: 10.00 yuan." in text

    def test_does_nothing_while_the_wallet_does_not_reach(self) -> None:
        line = make_line(cash_fen=9_99)
        owe(line, 10_00)
        assert settle_dues(account_id=line.account_id, now=LATER) == Settlement(0, 0, 10_00)
        assert (wallet_of(line.account_id), texts_of(line)) == ((9_99, 0, 1), [])

    def test_does_nothing_where_nothing_is_owed(self) -> None:
        line = make_line(cash_fen=10_00)
        assert settle_dues(account_id=line.account_id, now=LATER) == Settlement(0, 0, 0)
        assert (wallet_of(line.account_id), texts_of(line)) == ((10_00, 0, 1), [])

    def test_changes_nothing_when_it_is_done_again(self) -> None:
        line = make_line()
        owe(line, 10_00)
        give_bonus(line, 30_00)
        settle_dues(account_id=line.account_id, now=LATER)
        assert settle_dues(account_id=line.account_id, now=LATER) == Settlement(0, 0, 0)
        assert (wallet_of(line.account_id), len(texts_of(line))) == ((0, 20_00, 2), 1)

    def test_leaves_what_is_set_aside_and_what_has_expired(self) -> None:
        line = make_line()
        owe(line, 10_00)
        give_bonus(line, 5_00, expires_at=NOW)
        give_bonus(line, 14_00)
        make_hold(line, 5_00, now=NOW)
        assert settle_dues(account_id=line.account_id, now=LATER) == Settlement(0, 0, 10_00)

    def test_dates_no_payment_before_its_charge_when_the_clock_jumps_back(self) -> None:
        line = make_line()
        charge = owe(line, 10_00)
        give_bonus(line, 10_00)
        settle_dues(account_id=line.account_id, now=NOW - timedelta(days=9))
        assert settled(line) == [(10_00, charge.charged_at)]

    def test_gives_notice_after_the_commit_once_nothing_is_owed(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line, partly = make_line(), make_line()
        for debtor in (line, partly):
            owe(debtor, 10_00, days_ago=2)
        owe(partly, 50_00)
        for debtor in (line, partly):
            give_bonus(debtor, 10_00)
        heard: list[tuple[object, object]] = []

        def receiver(account_id: uuid.UUID, settled_at: datetime, **_future: object) -> None:
            heard.append((account_id, settled_at))

        account_settled.connect(receiver)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                settle_dues(account_id=line.account_id, now=LATER)
                settle_dues(account_id=partly.account_id, now=LATER)
                assert heard == []
        finally:
            account_settled.disconnect(receiver)
        assert heard == [(line.account_id, LATER)]


class TestSweepDues:
    def test_pays_where_the_wallet_reaches_and_leaves_the_others(self) -> None:
        rich, poor = make_line(), make_line(cash_fen=1_00)
        owe(rich, 10_00)
        owe(poor, 10_00)
        give_bonus(rich, 10_00)
        assert sweep_dues(now=LATER) == 1
        assert (settled(rich), settled(poor)) == ([(10_00, LATER)], [(10_00, None)])
        assert sweep_dues(now=LATER) == 0

    def test_takes_no_more_than_its_limit(self) -> None:
        for _debtor in range(3):
            line = make_line()
            owe(line, 1_00)
            give_bonus(line, 1_00)
        assert [sweep_dues(now=LATER, limit=2), sweep_dues(now=LATER, limit=2)] == [2, 1]


class TestNudges:
    """Whatever lets a wallet reach further asks for what its account owes to be paid, after the commit."""

    @pytest.fixture
    def nudged(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        nudged: list[str] = []
        monkeypatch.setattr(
            ledger, "enqueue_after_commit", lambda task, *, account_id: nudged.append(f"{task} {account_id}")
        )
        return nudged

    def test_follow_a_top_up(self, nudged: list[str]) -> None:
        line = make_line()
        owe(line, 10_00)
        self.top_up(line)
        assert nudged == [f"billing.settle_dues {line.account_id}"]

    def test_follow_no_top_up_of_an_account_that_owes_nothing(self, nudged: list[str]) -> None:
        self.top_up(make_line())
        assert nudged == []

    def test_follow_an_adjustment_in_the_customers_favour(self, nudged: list[str]) -> None:
        line = make_line()
        owe(line, 10_00)
        adjustment = propose(line, 5_00)
        approve_adjustment(account_id=line.account_id, adjustment_id=adjustment.id, checked_by=2, now=NOW)
        assert nudged == [f"billing.settle_dues {line.account_id}"]

    def test_follow_a_hold_that_is_set_free(self, nudged: list[str]) -> None:
        line = make_line(cash_fen=10_00)
        hold = make_hold(line, 4_00)
        owe(line, 10_00)
        release(account_id=line.account_id, hold_id=hold.id, now=NOW)
        assert nudged == [f"billing.settle_dues {line.account_id}"]

    def test_follow_a_larger_overdraft(self, nudged: list[str]) -> None:
        line = make_line()
        owe(line, 10_00)
        set_overdraft(account_id=line.account_id, overdraft_fen=50_00, reason="star", now=NOW)
        assert nudged == [f"billing.settle_dues {line.account_id}"]

    def test_follow_no_money_that_leaves(self, nudged: list[str]) -> None:
        line = make_line(cash_fen=9_00)
        owe(line, 10_00)
        make_charge(line, amount_fen=1_00)
        make_hold(line, 1_00)
        assert nudged == []

    def top_up(self, line: Line) -> None:
        top_up = make_top_up(line)
        confirm_top_up(
            account_id=line.account_id, top_up_id=top_up.id, paid_fen=50_00, provider_payment_number="P1", now=NOW
        )


@pytest.mark.django_db(transaction=True)
class TestBooks:
    def test_are_in_order_while_something_is_owed_and_after_it_is_paid(self) -> None:
        line = make_line(cash_fen=1_00)
        owe(line, 10_00, days_ago=2)
        owe(line, 59_00)
        assert broken_invariants() == {}
        give_bonus(line, 9_00)
        settle_dues(account_id=line.account_id, now=LATER)
        assert (settled(line), broken_invariants()) == ([(10_00, LATER), (59_00, None)], {})
