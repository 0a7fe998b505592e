"""Dunning while people pay, and twice at once; each race with a control that shows what its guard is for."""

from threading import Event
from typing import Any

import pytest

from accounts.models import Bar, Line
from billing.models import DunningCase
from billing.operations import dunning
from billing.operations.dues import settle_dues
from billing.operations.dunning import run_dunning
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import give_cash
from tests.factories.dunning import days, dun, make_debtor, state_of
from tests.races import PATIENCE_SECONDS, at_once, meet_after, outcomes

pytestmark = pytest.mark.django_db(transaction=True)


def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dunning, "lock_free_wallets", list)


class TestPayingWhileDunned:
    def meet(self, monkeypatch: pytest.MonkeyPatch, *, patience: float) -> Line:
        """Let somebody pay all while a run has decided to bar the line and not done it yet."""
        line = make_debtor(owed_fen=50_00)
        dun(3)
        decided, paid = Event(), Event()
        take_step = dunning._take_step

        def take_step_when_paid(*arguments: Any) -> None:
            decided.set()
            paid.wait(timeout=patience)
            take_step(*arguments)

        monkeypatch.setattr(dunning, "_take_step", take_step_when_paid)

        def act(number: int) -> None:
            if number:
                assert decided.wait(timeout=PATIENCE_SECONDS)
                give_cash(line, 50_00, now=days(10))
                settle_dues(account_id=line.account_id, now=days(10))
                paid.set()
            else:
                run_dunning(now=days(10))

        at_once(act, times=2)
        return line

    def test_leaves_nothing_barred(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # The payment waits for the run, so the run waits in vain.
        line = self.meet(monkeypatch, patience=0.5)
        assert Bar.objects.count() == 1
        assert (state_of(line), DunningCase.objects.filter(closed_at=None).count()) == ("ACTIVE", 0)
        assert list(Sms.objects.filter(kind="ARREARS_LIFTED").values_list("account_id", flat=True)) == [line.account_id]
        assert broken_invariants() == {}

    def test_control_without_the_wallets_lock_what_is_paid_is_barred(self, monkeypatch: pytest.MonkeyPatch) -> None:
        without_lock(monkeypatch)
        line = self.meet(monkeypatch, patience=PATIENCE_SECONDS)
        assert state_of(line) == "SUSPENDED"
        assert Bar.objects.filter(ended_at=None).count() == 1


class TestTwoRunsAtOnce:
    def run_at_once(self, times: int) -> dict[str, int]:
        for _account in range(6):
            make_debtor()
        dun(3)
        return outcomes(lambda _number: run_dunning(now=days(10)), times=times)

    def test_take_each_step_once(self) -> None:
        assert self.run_at_once(4) == {"OK": 4}
        assert list(DunningCase.objects.values_list("step", flat=True)) == ["ONE_WAY"] * 6
        assert (Bar.objects.count(), Sms.objects.filter(kind="ARREARS_ONE_WAY").count()) == (6, 6)
        assert broken_invariants() == {}

    def test_control_without_the_wallets_lock_other_guards_refuse(self, monkeypatch: pytest.MonkeyPatch) -> None:
        without_lock(monkeypatch)
        decide, meets = dunning._decide, meet_after(dunning._decide, times=2)
        # The warnings are one run alone; then both have decided before either goes on.
        monkeypatch.setattr(dunning, "_decide", lambda found, now: (decide if now == days(3) else meets)(found, now))
        assert self.run_at_once(2) == {"OK": 1, "DATABASE_ERROR": 1}
        assert (Bar.objects.count(), Sms.objects.filter(kind="ARREARS_ONE_WAY").count()) == (6, 6)
