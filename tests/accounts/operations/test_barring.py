from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.events import line_barred, line_restored
from accounts.models import ARREARS, Bar, BarReason, Line, LineState
from accounts.operations.arrears_bars import bar_accounts, lift_accounts
from accounts.operations.barring import AlreadyBarred, NotBarred, bar_line, lift_bar
from accounts.queries.audit import list_checks
from accounts.queries.bars import NOTHING, Barred, barred_by, get_barred, list_open_bars
from kernel.audit import run_check
from kernel.errors import NotFound
from messaging.models import Sms
from tests.factories.accounts import NOON, make_line
from tests.factories.barring import BY_CUSTOMER, BY_STAFF, make_bar

pytestmark = pytest.mark.django_db


def lift(line: Line, reason: BarReason, *, now: datetime = NOON, **changes: Any) -> Bar:
    author = changes.pop("author", BY_CUSTOMER)
    bar = lift_bar(account_id=line.account_id, line_id=line.id, reason=reason, author=author, now=now, **changes)
    line.refresh_from_db()
    return bar


def kinds(line: Line) -> list[str]:
    """Return the texts of a line, the first first."""
    return list(
        Sms.objects.filter(account_id=line.account_id).order_by("queued_at", "kind").values_list("body", flat=True)
    )


class Network:
    """What the network was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        line_barred.connect(self.on_barred)
        line_restored.connect(self.on_restored)

    def on_barred(self, barred: Barred, **_rest: object) -> None:
        self.told.append(("barred", barred))

    def on_restored(self, line_id: object, **_rest: object) -> None:
        self.told.append(("restored", line_id))


class TestBarLine:
    def test_suspends_the_line_and_says_so_once(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line, network = make_line(), Network()
        with django_capture_on_commit_callbacks(execute=True):
            bar = make_bar(line, BarReason.LOST_SIM, author=BY_STAFF)
        assert (line.state, bar.started_by, bar.started_by_staff, bar.started_channel) == (
            LineState.SUSPENDED, "STAFF", 7, "STORE",
        )  # fmt: skip
        [text] = kinds(line)
        assert "挂失停机" in text
        assert "紧急电话仍可拨打" in text
        assert network.told == [("barred", Barred(outgoing=True, incoming=True, data=True))]

    @pytest.mark.parametrize(
        ("reason", "changes", "said"),
        [
            (BarReason.CUSTOMER_REQUEST, {"until_at": NOON + timedelta(days=30)}, "restored by itself on 25 Apr"),
            (BarReason.OPERATOR, {}, "Why: stopped by us. Ring us: we tell you what has to happen."),
            (
                BarReason.FRAUD_REVIEW,
                {"words": "many calls abroad", "cure": "Show your document in a shop."},
                "Why: many calls abroad. Show your document in a shop.",
            ),
        ],
    )
    def test_says_why_and_what_helps_in_the_lines_language(
        self, reason: BarReason, changes: dict[str, Any], said: str
    ) -> None:
        line = make_line(language="en")
        make_bar(line, reason, **changes)
        [text] = kinds(line)
        assert said in text
        assert "mergency calls still work" in text

    def test_refuses_the_same_reason_twice_and_changes_nothing(self) -> None:
        line = make_line()
        make_bar(line)
        with pytest.raises(AlreadyBarred):
            make_bar(line)
        assert (Bar.objects.count(), len(kinds(line))) == (1, 1)

    def test_refuses_a_line_that_is_closed_or_somebody_elses(self) -> None:
        line, other = make_line(), make_line()
        Line.objects.filter(account_id=line.account_id).update(state=LineState.CLOSED)
        for account_id in (line.account_id, other.account_id):
            with pytest.raises(NotFound):
                bar_line(
                    account_id=account_id, line_id=line.id, reason=BarReason.LOST_SIM, author=BY_CUSTOMER, now=NOON
                )
        assert (Bar.objects.count(), Sms.objects.count()) == (0, 0)

    def test_is_held_by_the_database_as_well(self) -> None:
        bar = make_bar(make_line())
        with pytest.raises(IntegrityError), transaction.atomic():
            Bar.objects.create(
                account_id=bar.account_id, line_id=bar.line_id, reason=bar.reason, started_at=NOON,
                started_by="CUSTOMER", started_channel="WEB",
            )  # fmt: skip


class TestLiftBar:
    def test_restores_the_line_when_nothing_else_bars_it(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line = make_line()
        make_bar(line)
        network = Network()
        with django_capture_on_commit_callbacks(execute=True):
            bar = lift(line, BarReason.LOST_SIM, now=NOON + timedelta(hours=1), author=BY_STAFF, words="found")
        assert (line.state, bar.ended_by, bar.ended_by_staff, bar.ended_words) == (
            LineState.ACTIVE, "STAFF", 7, "found",
        )  # fmt: skip
        assert "已于3月26日13时00分复机" in kinds(line)[-1]
        assert network.told == [("restored", line.id)]

    def test_leaves_other_reasons_and_says_which(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line = make_line(language="en")
        make_bar(line)
        make_bar(line, BarReason.FRAUD_REVIEW)
        network = Network()
        with django_capture_on_commit_callbacks(execute=True):
            lift(line, BarReason.LOST_SIM, now=NOON + timedelta(hours=1))
        assert line.state == LineState.SUSPENDED
        assert "the number stays stopped: being checked for fraud" in kinds(line)[-1]
        assert network.told == [("barred", Barred(outgoing=True, data=True))]

    def test_refuses_what_is_not_barred_and_changes_nothing(self) -> None:
        line = make_line()
        make_bar(line)
        with pytest.raises(NotBarred):
            lift(line, BarReason.OPERATOR)
        assert (line.state, len(kinds(line))) == (LineState.SUSPENDED, 1)

    def test_ends_no_bar_before_it_began(self) -> None:
        line = make_line()
        make_bar(line)
        assert lift(line, BarReason.LOST_SIM, now=NOON - timedelta(minutes=1)).ended_at == NOON


class TestArrears:
    def test_bar_every_line_of_the_accounts_and_no_other(self) -> None:
        debtor, other = make_line(), make_line()
        second = Line.objects.create(account_id=debtor.account_id, msisdn="+8613500000001", activated_at=NOON)
        lines = bar_accounts(account_ids=[debtor.account_id], reason=BarReason.ARREARS_ONE_WAY, now=NOON)
        assert {line.line_id for line in lines} == {debtor.id, second.id}
        assert get_barred(debtor.account_id, second.id) == Barred(outgoing=True, data=True)
        assert get_barred(other.account_id, other.id) == NOTHING
        assert bar_accounts(account_ids=[debtor.account_id], reason=BarReason.ARREARS_ONE_WAY, now=NOON) == []

    def test_two_way_takes_the_place_of_one_way(self) -> None:
        line = make_line()
        bar_accounts(account_ids=[line.account_id], reason=BarReason.ARREARS_ONE_WAY, now=NOON)
        bar_accounts(account_ids=[line.account_id], reason=BarReason.ARREARS_TWO_WAY, now=NOON + timedelta(days=15))
        [bar] = list_open_bars(line.account_id, line.id)
        assert (bar.reason, Bar.objects.get(reason="ARREARS_ONE_WAY").ended_by) == ("ARREARS_TWO_WAY", "SYSTEM")
        again = bar_accounts(account_ids=[line.account_id], reason=BarReason.ARREARS_ONE_WAY, now=NOON)
        assert again == []

    def test_lifting_leaves_other_reasons(self) -> None:
        line = make_line()
        make_bar(line)
        bar_accounts(account_ids=[line.account_id], reason=BarReason.ARREARS_ONE_WAY, now=NOON)
        [lifted] = lift_accounts(account_ids=[line.account_id], now=NOON + timedelta(days=1))
        assert lifted.other_reasons == ["LOST_SIM"]
        line.refresh_from_db()
        assert line.state == LineState.SUSPENDED

    def test_are_the_only_reasons_for_whole_accounts(self) -> None:
        with pytest.raises(ValueError):
            bar_accounts(account_ids=[make_line().account_id], reason=BarReason.OPERATOR, now=NOON)
        assert bar_accounts(account_ids=[], reason=BarReason.ARREARS_ONE_WAY, now=NOON) == []
        assert lift_accounts(account_ids=[], now=NOON) == []


class BarringAtRandom(RuleBasedStateMachine):
    """One line; `open` is what bars it, as a set would have it."""

    def __init__(self) -> None:
        super().__init__()
        self.line = make_line()
        self.now = NOON
        self.open: set[BarReason] = set()
        self.texts = 0

    @rule(minutes=st.integers(min_value=0, max_value=5000))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes, seconds=1)

    @rule(reason=st.sampled_from([reason for reason in BarReason if reason not in ARREARS]))
    def bar(self, reason: BarReason) -> None:
        if reason in self.open:
            with pytest.raises(AlreadyBarred):
                make_bar(self.line, reason, now=self.now)
        else:
            make_bar(self.line, reason, now=self.now)
            self.open.add(reason)
            self.texts += 1

    @rule(reason=st.sampled_from([reason for reason in BarReason if reason not in ARREARS]))
    def lift(self, reason: BarReason) -> None:
        if reason in self.open:
            lift(self.line, reason, now=self.now)
            self.open.remove(reason)
            self.texts += 1
        else:
            with pytest.raises(NotBarred):
                lift(self.line, reason, now=self.now)

    @rule(reason=st.sampled_from(ARREARS))
    def bar_for_arrears(self, reason: BarReason) -> None:
        self.now += timedelta(seconds=1)
        changed = bar_accounts(account_ids=[self.line.account_id], reason=reason, now=self.now)
        grows = reason not in self.open and BarReason.ARREARS_TWO_WAY not in self.open
        assert len(changed) == grows
        if grows:
            self.open = self.open - set(ARREARS) | {reason}

    @rule()
    def pay(self) -> None:
        changed = lift_accounts(account_ids=[self.line.account_id], now=self.now)
        assert [set(line.other_reasons) for line in changed] == (
            [self.open - set(ARREARS)] if self.open & set(ARREARS) else []
        )
        self.open -= set(ARREARS)

    @invariant()
    def the_line_is_what_the_set_says(self) -> None:
        self.line.refresh_from_db()
        account_id, line_id = self.line.account_id, self.line.id
        assert {bar.reason for bar in list_open_bars(account_id, line_id)} == self.open
        assert self.line.state == (LineState.SUSPENDED if self.open else LineState.ACTIVE)
        assert get_barred(account_id, line_id) == barred_by(self.open)
        assert Sms.objects.filter(account_id=account_id).count() == self.texts
        assert [check.name for check in list_checks() if run_check(check).violations] == []


class TestAnyOrder:
    def test_keeps_line_and_bars_together(self, long_run: bool) -> None:
        run_state_machine_as_test(
            BarringAtRandom,
            settings=settings(
                max_examples=200 if long_run else 12,
                stateful_step_count=20,
                deadline=None,
                derandomize=not long_run,
                suppress_health_check=list(HealthCheck),
            ),
        )
