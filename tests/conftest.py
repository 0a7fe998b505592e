"""What every test begins with, the language of the settings, and may ask for: a real worker on its own database."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from messaging.queries.wordings import _Kept
from portal.celery import app
from portal.embedded.child import Child, stop_together
from portal.supervisor import programs
from tests.servers import database_url, worker_number


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="trials as long as the promises they try, for minutes each")


@pytest.fixture(scope="session")
def long_run(pytestconfig: pytest.Config) -> bool:
    """Whether trials are to be as long as the promises they try (`--long`); a run of the suite has shorter ones."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(autouse=True)
def _language_of_the_settings() -> None:
    """A page that was asked for in English leaves its thread in English."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _no_words_of_staff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each process looks for staff's words every other second; a test that has some calls `forget_wordings`."""
    monkeypatch.setattr(_Kept, "wordings", {})
    monkeypatch.setattr(_Kept, "until", float("inf"))


@pytest.fixture(scope="session")
def live_worker(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """A Celery worker in a process of its own, on the test database; for tests with `django_db(transaction=True)`."""
    app.control.purge()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(settings.DATABASES["default"]["NAME"]),
        "DJANGO_SETTINGS_MODULE": "portal.settings.testing",
    }
    var = Path(tmp_path_factory.mktemp("worker"))
    worker = programs.worker(f"tests-{worker_number()}", var=var, environment=environment)
    worker.start()
    try:
        worker.wait_until_ready(seconds=120, pause=time.sleep)
        yield worker
    finally:
        stop_together([worker], grace_seconds=3)
