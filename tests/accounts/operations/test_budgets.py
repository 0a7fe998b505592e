from datetime import timedelta

import pytest

from accounts.models import Budget
from accounts.operations.budgets import BudgetSpent, clear_budget, take_from_budget
from tests.factories.accounts import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def take(*, minutes: float = 0, limit: int = 2, prolong: bool = False) -> int:
    now = NOON + timedelta(minutes=minutes)
    return take_from_budget(key="tries", limit=limit, period=HOUR, now=now, prolong=prolong)


class TestTakeFromBudget:
    def test_counts_each_use(self) -> None:
        assert [take(), take()] == [1, 2]

    def test_refuses_once_the_limit_is_reached_and_counts_no_more(self) -> None:
        take()
        take(minutes=10)
        with pytest.raises(BudgetSpent) as refusal:
            take(minutes=20)
        assert refusal.value.next_at == NOON + HOUR
        held = Budget.objects.get()
        assert (held.count, held.ends_at) == (2, NOON + HOUR)

    def test_starts_a_new_window_the_moment_the_old_one_is_over(self) -> None:
        take()
        take()
        with pytest.raises(BudgetSpent):
            take(minutes=59.999)
        assert take(minutes=60) == 1
        assert Budget.objects.get().ends_at == NOON + 2 * HOUR

    def test_prolongs_the_window_with_each_use_if_asked(self) -> None:
        take(prolong=True)
        assert take(minutes=50, prolong=True) == 2
        assert Budget.objects.get().ends_at == NOON + timedelta(minutes=110)

    def test_does_not_prolong_the_window_by_a_refusal(self) -> None:
        take(limit=1, prolong=True)
        with pytest.raises(BudgetSpent):
            take(minutes=50, limit=1, prolong=True)
        assert Budget.objects.get().ends_at == NOON + HOUR

    def test_keeps_budgets_apart_by_key(self) -> None:
        take(limit=1)
        assert take_from_budget(key="other", limit=1, period=HOUR, now=NOON) == 1

    def test_says_when_it_may_be_done_again(self) -> None:
        take(limit=1)
        with pytest.raises(BudgetSpent) as refusal:
            take(limit=1)
        assert "13:00:00" in str(refusal.value)

    def test_names_the_day_if_that_is_not_today(self) -> None:
        take_from_budget(key="daily", limit=1, period=timedelta(days=1), now=NOON)
        with pytest.raises(BudgetSpent) as refusal:
            take_from_budget(key="daily", limit=1, period=timedelta(days=1), now=NOON)
        assert "2026年3月27日 12:00" in str(refusal.value)


class TestClearBudget:
    def test_starts_the_count_anew(self) -> None:
        take(limit=1)
        clear_budget(key="tries")
        assert take(limit=1) == 1
