import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from portal.celery import app
from portal.embedded.child import Child, stop_together
from portal.supervisor import programs
from tests.servers import database_url

StartWorker = Callable[..., Child]


@pytest.fixture
def gateway_notes(tmp_path: Path) -> Path:
    """The file in which `tests.faults.gateways` note what they were handed."""
    return tmp_path / "gateway-notes.txt"


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path, gateway_notes: Path) -> Iterator[StartWorker]:
    """Starts workers and schedulers on the test database, with short leases and a gateway that fails as asked.

    They stand on settings from the environment, as in production.
    """
    app.control.purge()
    children: list[Child] = []

    def start(gateway: str, *, scheduled: bool = True, send_timeout_seconds: int = 1) -> Child:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(settings.DATABASES["default"]["NAME"]),
            "DJANGO_SETTINGS_MODULE": "portal.settings.testing",
            "HALL_SMS_GATEWAY": f"tests.faults.gateways.{gateway}",
            "HALL_SMS_LEASE_SECONDS": str(2 * send_timeout_seconds + 1),
            "HALL_SMS_SEND_TIMEOUT": str(send_timeout_seconds),
            "TEST_GATEWAY_NOTES": str(gateway_notes),
        }
        worker = programs.worker(f"faults-{len(children)}-{os.getpid()}", var=tmp_path, environment=environment)
        started = [worker]
        if scheduled:
            started.append(programs.scheduler(var=tmp_path, environment=environment))
        children.extend(started)
        for child in started:
            child.start()
        worker.wait_until_ready(seconds=120, pause=time.sleep)
        return worker

    try:
        yield start
    finally:
        stop_together(children, grace_seconds=1)
