import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as hall
from hypothesis import HealthCheck, Phase
from hypothesis import settings as runs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import Bar, BarReason, HolidayWindow, Line, NumberDirectory
from accounts.queries.bars import get_barred
from billing.models import DunningCase, DunningNote, DunningStep
from billing.operations.dues import settle_dues
from billing.operations.dunning import Dunned, run_dunning
from billing.operations.restore_paid import restore_paid, sweep_paid
from billing.queries.audit import list_checks
from kernel.audit import run_check
from messaging.models import Sms
from tests.books import broken_checks
from tests.factories.accounts import make_sign_in
from tests.factories.barring import make_bar
from tests.factories.billing import NOW, give_cash, make_line
from tests.factories.dunning import (
    days,
    dun,
    dunning_texts_of,
    make_debtor,
    notes_of,
    owe,
    pay,
    second_line_of,
    state_of,
)
from tests.factories.stars import give_star

pytestmark = pytest.mark.django_db


def step_of(line: Line) -> str:
    """Return the step of an account's open case, empty without one."""
    return next(iter(DunningCase.objects.filter(account_id=line.account_id, closed_at=None)), DunningCase()).step


def holiday(*, from_day: float, to_day: float, **changes: Any) -> HolidayWindow:
    on_the_hour = NOW.replace(minute=0)
    return HolidayWindow.objects.create(
        code=f"H{from_day}", name_zh="春节", name_en="Spring Festival", minimum_star=3,
        starts_at=on_the_hour + timedelta(days=from_day), ends_at=on_the_hour + timedelta(days=to_day), **changes,
    )  # fmt: skip


class TestRunDunning:
    def test_takes_each_step_when_its_days_have_passed_and_tells_each_line(self) -> None:
        line = make_debtor()
        second = second_line_of(line)
        steps = {2.9: "", 3: "WARNED", 9.9: "WARNED", 10: "ONE_WAY", 24.9: "ONE_WAY", 25: "TWO_WAY"}
        for day, step in steps.items():
            dun(day)
            assert step_of(line) == step
        assert (state_of(line), state_of(second)) == ("SUSPENDED", "SUSPENDED")
        assert (
            sorted(dunning_texts_of(line))
            == ["ARREARS_ONE_WAY"] * 2 + ["ARREARS_TWO_WAY"] * 2 + ["ARREARS_WARNING"] * 2
        )
        assert notes_of(line) == [("STEP", "WARNED", ""), ("STEP", "ONE_WAY", ""), ("STEP", "TWO_WAY", "")]
        assert broken_checks() == []

    def test_says_what_is_owed_what_helps_and_what_comes_next(self) -> None:
        make_debtor(owed_fen=59_00, cash_fen=9_00, language="en")
        dun(3, 10)
        warning, stop = (
            Sms.objects.filter(kind__startswith="ARREARS").order_by("queued_at").values_list("body", flat=True)
        )
        assert "59.00 yuan are owed" in warning
        assert "Top up at least 50.00 yuan soon, or the number may be stopped from 28 Nov on." in warning
        assert "incoming calls may stop too from 5 Dec on" in stop
        assert "emergency calls work" in stop

    @pytest.mark.parametrize(
        ("owed_fen", "at", "step"),
        [(99_99, 1, ""), (100_00, 0.01, "WARNED"), (99, 400, "")],
    )
    def test_looks_at_the_amount_as_well(self, owed_fen: int, at: float, step: str) -> None:
        line = make_debtor(owed_fen=owed_fen)
        dun(at)
        assert step_of(line) == step

    def test_bars_sooner_what_is_much_but_never_without_days_after_the_warning(self) -> None:
        line = make_debtor(owed_fen=200_00)
        dun(0.01, 3)
        assert step_of(line) == "WARNED"
        dun(3.01)
        assert step_of(line) == "ONE_WAY"

    def test_leaves_alone_who_owes_nothing_and_what_the_overdraft_reaches_for(self) -> None:
        make_line(cash_fen=10_00)
        make_debtor(owed_fen=50_00, overdraft_fen=50_00)
        assert run_dunning(now=days(100)) == Dunned()
        assert (DunningCase.objects.count(), Bar.objects.count()) == (0, 0)

    def test_repeats_nothing_however_often_it_runs_and_wherever_the_clock_jumps(self) -> None:
        line = make_debtor()
        dun(3, 3, 400, 400, 3, 402.9, 500, 500, 10)
        assert [step for _kind, step, _why in notes_of(line)] == ["WARNED", "ONE_WAY", "TWO_WAY"]
        assert dunning_texts_of(line) == ["ARREARS_WARNING", "ARREARS_ONE_WAY", "ARREARS_TWO_WAY"]
        assert broken_checks() == []

    def test_goes_through_accounts_in_chunks_and_tells_how_far_it_is(self) -> None:
        lines = [make_debtor() for _account in range(5)]
        seen: list[tuple[int, int]] = []
        dunned = run_dunning(now=days(3), chunk_accounts=2, progress=lambda *progress: seen.append(progress))
        assert dunned == Dunned({DunningStep.WARNED: 5})
        assert seen == [(2, 5), (4, 5), (5, 5)]
        assert {step_of(line) for line in lines} == {"WARNED"}

    def test_goes_on_after_a_run_that_died(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = [make_debtor() for _account in range(4)]

        def die(done: int, _accounts: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_dunning(now=days(3), chunk_accounts=2, progress=die)
        assert DunningCase.objects.count() == 2
        assert run_dunning(now=days(3), chunk_accounts=2).steps == {DunningStep.WARNED: 2}
        assert [dunning_texts_of(line) for line in lines] == [["ARREARS_WARNING"]] * 4

    def test_asks_as_often_for_many_accounts_as_for_few(self, django_assert_max_num_queries: Any) -> None:
        for _account in range(30):
            make_debtor()
        dun(3)
        with django_assert_max_num_queries(90):
            dun(10)
        assert DunningCase.objects.filter(step="ONE_WAY").count() == 30


class TestRelease:
    def test_warns_and_then_takes_the_number_back(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line = make_debtor()
        sign_in = make_sign_in(line, at=NOW)
        dun(3, 10, 25, 99.9, 100, 114.9)
        assert step_of(line) == "RELEASE_WARNED"
        dun(115)
        sign_in.refresh_from_db()
        assert (state_of(line), sign_in.ended_at) == ("CLOSED", days(115))
        assert NumberDirectory.objects.filter(msisdn=line.msisdn).count() == 0
        assert Bar.objects.filter(ended_at=None).count() == 0
        assert dunning_texts_of(line)[-2:] == ["ARREARS_RELEASE_WARNING", "ARREARS_RELEASED"]
        assert run_dunning(now=days(500)) == Dunned()
        assert broken_checks() == []

    def test_never_happens_where_the_operator_does_not_want_it(self, settings: Settings) -> None:
        settings.DUNNING_DAYS = {**hall.DUNNING_DAYS, "RELEASE_WARNED": 0, "RELEASED": 0}
        line = make_debtor()
        dun(3, 10, 25, 200, 300)
        assert step_of(line) == "TWO_WAY"


class TestPuttingOff:
    def test_leaves_a_good_customer_on_until_the_holiday_is_over(self) -> None:
        good, plain = make_debtor(), make_debtor()
        give_star(good.account_id, 3)
        window = holiday(from_day=11, to_day=19)
        dun(3, 12, 13, 14)
        assert (step_of(good), step_of(plain)) == ("WARNED", "ONE_WAY")
        assert (state_of(good), notes_of(good)) == (
            "ACTIVE",
            [("STEP", "WARNED", ""), ("POSTPONED", "ONE_WAY", "HOLIDAY")],
        )
        note = DunningNote.objects.get(kind="POSTPONED")
        assert (note.until_at, note.holiday_zh, note.star) == (window.ends_at, "春节", 3)
        dun(19)
        assert step_of(good) == "ONE_WAY"

    def test_gives_a_good_star_more_days_and_says_so_once(self) -> None:
        line = make_debtor()
        give_star(line.account_id, 5)
        dun(3, 10, 11, 16.9)
        assert notes_of(line)[1:] == [("POSTPONED", "ONE_WAY", "STAR")]
        assert DunningNote.objects.get(kind="POSTPONED").until_at == days(17)
        dun(17)
        assert step_of(line) == "ONE_WAY"


class TestPaying:
    def test_lifts_the_arrears_alone_with_one_text(self) -> None:
        line, other = make_debtor(), make_debtor()
        make_bar(other, BarReason.LOST_SIM, now=days(4))
        dun(3, 10)
        for debtor in (line, other):
            pay(debtor, 60_00, at=11)
            restore_paid(account_id=debtor.account_id, now=days(11))
        assert (state_of(line), state_of(other)) == ("ACTIVE", "SUSPENDED")
        assert dunning_texts_of(line) == ["ARREARS_WARNING", "ARREARS_ONE_WAY", "ARREARS_LIFTED"]
        assert "但因SIM卡挂失仍处于停机状态" in Sms.objects.get(account_id=other.account_id, kind="ARREARS_LIFTED").body
        assert notes_of(line)[-1] == ("PAID", "ONE_WAY", "")
        assert broken_checks() == []

    def test_in_part_restores_nothing(self) -> None:
        line = make_debtor(owed_fen=50_00)
        owe(line, 30_00, now=days(1))
        dun(3, 10)
        pay(line, 55_00, at=11)
        assert (state_of(line), step_of(line)) == ("SUSPENDED", "ONE_WAY")

    def test_in_full_restores_although_something_new_is_owed_since(self) -> None:
        line = make_debtor(owed_fen=50_00)
        dun(3, 10)
        give_cash(line, 50_00, now=days(11))
        settle_dues(account_id=line.account_id, now=days(11))
        owe(line, 20_00, now=days(11.1))
        assert sweep_paid(now=days(11.2)) == 1
        assert (state_of(line), step_of(line)) == ("ACTIVE", "")
        dun(12, 14.1)
        assert step_of(line) == "WARNED"

    def test_restores_by_the_notice_that_nothing_is_owed(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line = make_debtor()
        dun(3, 10)
        with django_capture_on_commit_callbacks(execute=True):
            give_cash(line, 50_00, now=days(11))
            settle_dues(account_id=line.account_id, now=days(11))
        assert state_of(line) == "ACTIVE"

    def test_is_found_by_the_sweeper_and_by_the_next_run_when_the_notice_is_lost(self) -> None:
        swept, found = make_debtor(), make_debtor()
        dun(3, 10)
        for line in (swept, found):
            give_cash(line, 50_00, now=days(11))
        settle_dues(account_id=swept.account_id, now=days(11))
        assert (sweep_paid(now=days(11)), sweep_paid(now=days(11))) == (1, 0)
        settle_dues(account_id=found.account_id, now=days(11))
        assert run_dunning(now=days(11)).paid == 1
        assert (state_of(swept), state_of(found)) == ("ACTIVE", "ACTIVE")

    def test_leaves_alone_who_was_never_dunned(self) -> None:
        line = make_debtor()
        assert restore_paid(account_id=line.account_id, now=NOW) is False
        assert restore_paid(account_id=uuid.uuid4(), now=NOW) is False


class DunningAtRandom(RuleBasedStateMachine):
    """One customer who owes and pays in whatever order, while runs, sweepers and the clock do as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.line = make_line()
        self.day = 0.0

    @rule(wait=st.floats(min_value=0.01, max_value=40))
    def wait(self, wait: float) -> None:
        self.day += wait

    @rule(amount_fen=st.integers(min_value=1, max_value=300_00))
    def owe(self, amount_fen: int) -> None:
        owe(self.line, amount_fen, now=days(self.day))

    @rule(amount_fen=st.integers(min_value=1, max_value=500_00), told=st.booleans())
    def pay(self, amount_fen: int, told: bool) -> None:
        give_cash(self.line, amount_fen, now=days(self.day))
        settle_dues(account_id=self.line.account_id, now=days(self.day))
        if told:
            restore_paid(account_id=self.line.account_id, now=days(self.day))

    @rule(back=st.sampled_from([0.0, 0.0, 5.0]))
    def run(self, back: float) -> None:
        run_dunning(now=days(self.day - back), chunk_accounts=1)

    @rule()
    def lose_the_card(self) -> None:
        if "LOST_SIM" not in self.open_reasons() and state_of(self.line) != "CLOSED":
            make_bar(self.line, BarReason.LOST_SIM, now=days(self.day))

    @invariant()
    def nothing_is_barred_for_arrears_once_the_sweeper_has_looked_unless_it_is_owed(self) -> None:
        sweep_paid(now=days(self.day))
        assert [check.name for check in list_checks() if run_check(check).violations] == []
        texts = dunning_texts_of(self.line)
        steps = [step for kind, step, _why in notes_of(self.line) if kind == "STEP"]
        assert len([kind for kind in texts if kind != "ARREARS_LIFTED"]) == len(steps)
        if not any(reason.startswith("ARREARS") for reason in self.open_reasons()):
            barred = get_barred(self.line.account_id, self.line.id)
            assert bool(barred) == ("LOST_SIM" in self.open_reasons())

    def open_reasons(self) -> list[str]:
        return list(Bar.objects.filter(account_id=self.line.account_id, ended_at=None).values_list("reason", flat=True))


class TestDunningAtRandom:
    def test_bars_only_what_is_owed_and_tells_each_step_once(self, long_run: bool) -> None:
        run_state_machine_as_test(
            DunningAtRandom,
            settings=runs(
                max_examples=200 if long_run else 8,
                stateful_step_count=25,
                derandomize=not long_run,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
