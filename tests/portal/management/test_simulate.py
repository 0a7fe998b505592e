import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from kernel.clock import SHANGHAI, now
from packages_app.models import UsageRecord
from portal.demo.seeding import seed_demo
from tests.halls import wait_for
from tests.servers import database_url


@pytest.fixture
def people() -> None:
    today = now().astimezone(SHANGHAI).date()
    midnight = datetime(today.year, today.month, today.day, tzinfo=SHANGHAI)
    seed_demo(lines=2, months=0, seed=1, as_of=midnight, progress=lambda *_: None)


def simulate(*arguments: str) -> str:
    out = StringIO()
    call_command("simulate", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
class TestOnce:
    def test_records_one_tick(self, people: None) -> None:
        before = UsageRecord.objects.count()
        assert simulate("--once", "--rate", "3") == "4 records.\n"
        assert UsageRecord.objects.count() - before == 4

    def test_needs_the_demo_people(self) -> None:
        with pytest.raises(CommandError, match="seed_demo"):
            simulate("--once")

    def test_refuses_a_hall_that_is_no_demo(self, people: None, settings: Settings) -> None:
        settings.DEMO_MODE = False
        with pytest.raises(CommandError, match="not in demo mode"):
            simulate("--once")

    @pytest.mark.parametrize("arguments", [["--rate", "-1"], ["--seconds", "0"]])
    def test_refuses_senseless_figures(self, arguments: list[str]) -> None:
        with pytest.raises(CommandError, match="must not be negative"):
            simulate("--once", *arguments)


@pytest.fixture
def running(people: None) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process of its own, on the test's database."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(settings.DATABASES["default"]["NAME"]),
        "DJANGO_SETTINGS_MODULE": "portal.settings.testing",
    }
    manage = Path(settings.BASE_DIR) / "manage.py"
    process = subprocess.Popen([sys.executable, manage, "simulate", "--seconds", "0.2"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def records() -> int:
    return UsageRecord.objects.filter(record_key__startswith="sim-").count()


def hanging_sessions() -> list[int]:
    """Return the sessions that are in `hanging_usage`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'")
        return [pid for (pid,) in cursor.fetchall()]


@contextmanager
def hanging_usage() -> Iterator[None]:
    """Make the recording of usage hang, and at the end cut off whoever still hangs in it."""
    functions = (Path(settings.BASE_DIR) / "packages_app" / "sql" / "record_usage.sql").read_text()
    first_step = "    PERFORM packages_count_usage("
    assert functions.count(first_step) == 1
    with connection.cursor() as cursor:
        try:
            cursor.execute(functions.replace(first_step, f"    PERFORM pg_sleep(50);\n{first_step}"))
            yield
        finally:
            cursor.execute(functions)
            for pid in hanging_sessions():
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@pytest.mark.django_db(transaction=True)
class TestStream:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_goes_on_until_it_is_stopped(self, running: subprocess.Popen[bytes], number: signal.Signals) -> None:
        wait_for(lambda: records() >= 12, seconds=120)
        self.stop(running, number)

    def test_ends_within_a_second_while_the_database_hangs(self, running: subprocess.Popen[bytes]) -> None:
        wait_for(lambda: records() > 0, seconds=120)
        with hanging_usage():
            wait_for(hanging_sessions, seconds=60)
            self.stop(running, signal.SIGTERM)
            assert len(hanging_sessions()) == 1  # it did not wait for the end of its statement

    def stop(self, running: subprocess.Popen[bytes], number: signal.Signals) -> None:
        asked_at = time.monotonic()
        running.send_signal(number)
        assert running.wait(timeout=60) == 0
        assert time.monotonic() - asked_at < 30  # a second, and ample room for a busy machine
