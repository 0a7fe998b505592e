import threading
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db import connection

from accounts.models import Line
from accounts.queries.lines import get_line_by_msisdn
from messaging.models import Sms
from packages_app.models import UsageRecord
from packages_app.queries.allowance import get_allowance
from portal.demo.people import FIXED_PEOPLE, MAIN_MSISDN, bulk_msisdn
from portal.demo.seeding import seed_demo
from portal.demo.simulation import Simulation, list_simulated_numbers, run_tick, run_until_stopped

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, 16, tzinfo=UTC)
NUMBERS = [*(person.msisdn for person in FIXED_PEOPLE), *(bulk_msisdn(index) for index in range(20))]


def main_line() -> Line:
    return get_line_by_msisdn(MAIN_MSISDN)


def main_percent(now: datetime = NOW) -> float:
    data = get_allowance(main_line().account_id, main_line().id, now).data
    return 100 * data.used / data.total


@pytest.fixture
def people() -> None:
    seed_demo(lines=3, months=0, seed=1, as_of=MIDNIGHT, progress=lambda *_: None)


class TestBatch:
    def test_is_the_same_for_the_same_seed_and_tick(self) -> None:
        first, again = (Simulation(NUMBERS, seed=1, rate=5) for _ in range(2))
        assert first.batch(3, None, NOW) == again.batch(3, None, NOW)
        assert first.batch(3, None, NOW) != first.batch(4, None, NOW)
        assert first.batch(3, None, NOW) != Simulation(NUMBERS, seed=2, rate=5).batch(3, None, NOW)

    def test_is_one_record_of_the_main_line_and_as_many_as_the_rate_of_others(self) -> None:
        batch = Simulation(NUMBERS, seed=1, rate=5).batch(0, None, NOW)
        assert [row.msisdn == MAIN_MSISDN for row in batch] == [True] + [False] * 5
        assert Simulation([MAIN_MSISDN], seed=1, rate=5).batch(0, None, NOW)[1:] == []

    def test_is_mostly_data_with_some_calls_and_texts(self) -> None:
        rows = Simulation(NUMBERS, seed=1, rate=2000).batch(0, None, NOW)
        kinds = [row.usage_kind for row in rows]
        assert kinds.count("DATA") > 1600
        assert kinds.count("VOICE") > 100
        assert kinds.count("SMS") > 50
        assert len({row.record_key for row in rows}) == len(rows)
        assert all(row.amount > 0 for row in rows)


@pytest.mark.django_db
class TestListSimulatedNumbers:
    def test_lists_those_of_the_demo(self, people: None) -> None:
        assert list_simulated_numbers() == sorted(NUMBERS[:7])


@pytest.mark.django_db
class TestRunTick:
    def test_takes_the_main_line_past_80_percent_within_three_minutes_and_then_slows(self, people: None) -> None:
        simulation = Simulation(list_simulated_numbers(), seed=1, rate=5)
        percents = []
        for tick in range(60):
            run_tick(simulation, tick=tick, now=NOW + timedelta(seconds=4 * tick))
            percents.append(main_percent())
        passed = next(tick for tick, percent in enumerate(percents) if percent >= 80)
        assert 90 <= 4 * passed <= 180
        assert percents[-1] < 81.5
        told = Sms.objects.filter(account_id=main_line().account_id).values_list("kind", flat=True)
        assert list(told) == ["DATA_THRESHOLD_PASSED"]

    def test_brings_a_first_use_to_who_had_none(self, people: None) -> None:
        simulation = Simulation([MAIN_MSISDN], seed=1, rate=0)
        for tick in range(3):
            run_tick(simulation, tick=tick, now=NOW + timedelta(seconds=tick))
        assert list(Sms.objects.values_list("msisdn", "kind")) == [("+8613800138003", "DATA_FIRST_USE")]

    def test_goes_on_when_nothing_is_left_to_spend(self, people: None) -> None:
        next_month = NOW + timedelta(days=20)
        assert run_tick(Simulation([MAIN_MSISDN], seed=1, rate=0), tick=0, now=next_month) == 1
        line = main_line()
        assert get_allowance(line.account_id, line.id, next_month).data.beyond > 0


@pytest.mark.django_db(transaction=True)
class TestRunUntilStopped:
    def test_goes_on_after_the_database_went_away(self, people: None) -> None:
        stop = threading.Event()
        ticks = count()

        def clock() -> datetime:
            tick = next(ticks)
            if tick == 2:
                self.cut_connection()
            if tick == 4:
                stop.set()
            return NOW + timedelta(seconds=tick)

        before = UsageRecord.objects.count()
        run_until_stopped(Simulation([MAIN_MSISDN], seed=1, rate=0), stop=stop, seconds=0.001, clock=clock)
        assert next(ticks) == 5
        # Lost is the tick in which the connection broke.
        assert UsageRecord.objects.count() - before == 4

    def cut_connection(self) -> None:
        """As a restart of PostgreSQL does: end the session that the simulation is about to use."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # after it Django takes the connection for a good one
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        other.close()
