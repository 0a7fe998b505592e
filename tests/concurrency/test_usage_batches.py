"""Batches that share lines and come at once. Each race has a control: with the guard taken out the same trial fails."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from accounts.models import Line
from kernel.audit import run_check
from kernel.clock import Month
from packages_app.models import Bucket, ThresholdCrossing, UsageCounter
from packages_app.operations.record_usage import UsageRow, lock_usage, record_usage, recount_usage
from packages_app.queries.usage_audit import list_checks
from tests.factories.usage import GB, MB, NOW, make_bucket, make_line, make_sister, texts_of, usage, used
from tests.halls import wait_for
from tests.races import PATIENCE_SECONDS, at_once

pytestmark = pytest.mark.django_db(transaction=True)
SQL = (Path(settings.BASE_DIR) / "packages_app/sql/record_usage.sql").read_text()
THREADS = 8
DEADLOCK = "40P01"
# Nobody can say when two meet in opposite order, but they meet within so many rounds, as a rule in the first.
ROUNDS = 20
# Takes the write of the counters out, and with it the lock on a line's month.
WITHOUT_COUNTERS = (
    SQL[SQL.index("INSERT INTO packages_usage_counter") : SQL.index("INSERT INTO usage_month")],
    (
        "SELECT account_id, line_id, usage_kind, period_date, amount AS total, abroad, 0 AS beyond,"
        " last_at AS last_record_at FROM summed)\n"
    ),
)


def install(*changes: tuple[str, str]) -> None:
    """Install the usage functions with pieces of their text replaced."""
    text = SQL
    for guard, without in changes:
        assert guard in text
        text = text.replace(guard, without)
    with connection.cursor() as cursor:
        cursor.execute(text)


@pytest.fixture
def restored_functions() -> Iterator[None]:
    yield
    install()


def in_threads(work: Sequence[Callable[[], object]]) -> list[OperationalError | None]:
    """Run all at once and return what each raised."""

    def run(number: int) -> OperationalError | None:
        try:
            work[number]()
        except OperationalError as error:
            return error
        return None

    return at_once(run, times=len(work))


class TestSharedLines:
    """Eight threads, each with all records of forty lines in an order and in batches of its own."""

    def trial(self) -> tuple[list[OperationalError | None], list[Line], list[UsageRow]]:
        chance = random.Random(1)
        lines = [make_line() for _ in range(40)]
        for line in lines:
            make_bucket(line, 5 * MB)
        records = [usage(line, chance.randrange(1, MB)) for line in lines for _ in range(15)]

        def feed(seed: int) -> None:
            arriving = records.copy()
            random.Random(seed).shuffle(arriving)
            for first in range(0, len(arriving), 150):
                record_usage(records=arriving[first : first + 150], now=NOW)

        return in_threads([partial(feed, seed) for seed in range(THREADS)]), lines, records

    def test_never_deadlock_and_count_once(self) -> None:
        errors, lines, records = self.trial()
        assert errors == [None] * THREADS
        total = {line.id: sum(row.amount for row in records if row.msisdn == line.msisdn) for line in lines}
        assert dict(UsageCounter.objects.values_list("line_id", "total")) == total
        assert dict(Bucket.objects.values_list("line_id", "used")) == {
            line_id: min(amount, 5 * MB) for line_id, amount in total.items()
        }
        assert dict(UsageCounter.objects.values_list("line_id", "beyond")) == {
            line_id: max(amount - 5 * MB, 0) for line_id, amount in total.items()
        }

    def test_would_deadlock_without_the_order_of_keys(self, restored_functions: None) -> None:
        install(
            ("ORDER BY account_id, started_at, record_key", "ORDER BY random()"),
            ("ORDER BY account_id, line_id, period_date, usage_kind", "ORDER BY random()"),
        )
        assert any(DEADLOCK in self.codes_of_errors() for _round in range(ROUNDS))

    def codes_of_errors(self) -> set[str | None]:
        errors, _lines, _records = self.trial()
        return {getattr(error.__cause__, "pgcode", None) for error in errors if error}


def is_somebody_waiting_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)) LIMIT 1"
        )
        return cursor.fetchone() is not None


class TestThresholdPassedTwiceAtOnce:
    """7.5 of 10 GB are used. Two batches of 1 GB come at once: the first is not committed when the second begins."""

    def trial(self) -> tuple[Line, Bucket]:
        line = make_line()
        bucket = make_bucket(line, 10 * GB)
        record_usage(records=[usage(line, 7 * GB + GB // 2)], now=NOW)
        first_done = threading.Event()

        def first() -> None:
            with transaction.atomic():
                record_usage(records=[usage(line, GB)], now=NOW)
                first_done.set()
                wait_for(is_somebody_waiting_for_us, seconds=PATIENCE_SECONDS)

        def second() -> None:
            assert first_done.wait(timeout=PATIENCE_SECONDS)
            record_usage(records=[usage(line, GB)], now=NOW)

        assert in_threads([first, second]) == [None, None]
        return line, bucket

    def count_80(self) -> int:
        return ThresholdCrossing.objects.filter(threshold_percent=80).count()

    def test_is_told_once_and_nothing_is_lost(self) -> None:
        line, bucket = self.trial()
        assert used(bucket) == 9 * GB + GB // 2
        assert self.count_80() == 1
        assert [kind for kind, _text in texts_of(line)] == ["DATA_FIRST_USE", "DATA_THRESHOLD_PASSED"]

    def test_would_lose_usage_without_the_lock_on_the_month(self, restored_functions: None) -> None:
        install(WITHOUT_COUNTERS)
        _line, bucket = self.trial()
        assert used(bucket) == 8 * GB + GB // 2
        assert self.count_80() == 1

    def test_would_be_noted_twice_without_the_lock_and_the_unique_key(self, restored_functions: None) -> None:
        install(WITHOUT_COUNTERS)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE packages_threshold_crossing DROP CONSTRAINT packages_threshold_crossing_pkey")
        try:
            self.trial()
            assert self.count_80() == 2
        finally:
            ThresholdCrossing.objects.all().delete()
            with connection.cursor() as cursor:
                cursor.execute(
                    "ALTER TABLE packages_threshold_crossing ADD CONSTRAINT packages_threshold_crossing_pkey"
                    " PRIMARY KEY (account_id, line_id, bucket_id, cycle_date, threshold_percent)"
                )


class TestSharedBuckets:
    """Eight threads, each with all records of ten families in an order of its own; each family shares its data."""

    def trial(self) -> list[OperationalError | None]:
        chance = random.Random(3)
        families = [(mother := make_line(), make_sister(mother), make_sister(mother)) for _ in range(10)]
        for mother, child, _other in families:
            make_bucket(mother, 20 * MB, name_en="Family", is_shared=True)
            make_bucket(child, 5 * MB, name_en="Own")
        records = [usage(line, chance.randrange(1, 2 * MB)) for family in families for line in family for _ in range(8)]

        def feed(seed: int) -> None:
            arriving = records.copy()
            random.Random(seed).shuffle(arriving)
            for first in range(0, len(arriving), 80):
                record_usage(records=arriving[first : first + 80], now=NOW)

        return in_threads([partial(feed, seed) for seed in range(THREADS)])

    def test_never_deadlock_and_are_spent_by_all(self) -> None:
        assert self.trial() == [None] * THREADS
        assert [check.name for check in list_checks() if run_check(check).violations] == []


class TestBucketSharedMeanwhile:
    """A batch waits for a line's month while the account's first shared bucket is opened."""

    def trial(self) -> tuple[Line, Bucket]:
        mother = make_line()
        child = make_sister(mother)
        record_usage(records=[usage(mother, MB)], now=NOW)
        opened: list[Bucket] = []
        locked = threading.Event()

        def opener() -> None:
            with transaction.atomic():
                lock_usage(account_ids=[mother.account_id], months=[Month(2026, 11)])
                locked.set()
                wait_for(is_somebody_waiting_for_us, seconds=PATIENCE_SECONDS)
                opened.append(make_bucket(child, 10 * MB, name_en="Family", is_shared=True))
                recount_usage(account_ids=[mother.account_id], month=Month(2026, 11), now=NOW)

        def batch() -> None:
            assert locked.wait(timeout=PATIENCE_SECONDS)
            record_usage(records=[usage(mother, MB)], now=NOW)

        assert in_threads([opener, batch]) == [None, None]
        return mother, opened[0]

    def test_is_locked_by_the_batch_that_begins_again(self) -> None:
        _mother, family = self.trial()
        assert used(family) == 2 * MB
        assert [check.name for check in list_checks() if run_check(check).violations] == []
