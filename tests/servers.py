"""A pytest plugin, loaded before Django's settings: throw-away PostgreSQL and Redis, unless URLs name others.

The process that starts pytest owns the servers. Each worker of pytest-xdist has a database of its own in them, made
by pytest-django, and a Redis database of its own.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from portal.embedded.child import Child, stop_together
from portal.embedded.postgres import embedded_postgres
from portal.embedded.redis import embedded_redis

# Of 64 databases; the lower ones are those of the workers' own tests.
REDIS_DATABASE_OF_THE_HALL = 32


def worker_number() -> int:
    """Return 0 in a plain run, and 1, 2, … in the workers of pytest-xdist."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(name.removeprefix("gw")) + 1 if name else 0


def redis_url(*, database: int) -> str:
    """Return the address of another database of the suite's Redis."""
    return f"{os.environ['REDIS_URL'].rsplit('/', 1)[0]}/{database}"


def database_url(name: str) -> str:
    """Return the address of another database of the suite's PostgreSQL."""
    server, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{server.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if worker_number() == 0:
        folder = Path(tempfile.mkdtemp(prefix="hall-tests-"))
        early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        os.environ["HALL_VAR"] = str(folder)
        (folder / "static").mkdir()  # WhiteNoise warns when there is none
        _start_servers(early_config, folder)
    os.environ["REDIS_URL"] = redis_url(database=worker_number())


def _start_servers(early_config: pytest.Config, folder: Path) -> None:
    children: list[Child] = []
    if "DATABASE_URL" not in os.environ:
        postgres = embedded_postgres(folder, durable=False)
        os.environ["DATABASE_URL"] = postgres.url()
        children.append(postgres.child)
    if "REDIS_URL" not in os.environ:
        redis = embedded_redis(folder)
        os.environ["REDIS_URL"] = redis.url()
        children.append(redis.child)
    early_config.add_cleanup(lambda: stop_together(children, grace_seconds=3))
    for child in children:
        child.start()
    for child in children:
        child.wait_until_ready(seconds=60, pause=time.sleep)
