"""The hall's own programs, as children: web server, worker, scheduler, usage simulator."""

import http.client
import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from celery import Celery
from kombu.exceptions import OperationalError

from portal.embedded.child import Child
from portal.embedded.logs import LogFile

CHECKOUT = Path(__file__).resolve().parent.parent.parent
WORKER_PROCESSES = 2
# docs/adr/0009-web-server.md has the figures behind these two.
WEB_PROCESSES = 2
WEB_THREADS = 4


def _child(name: str, log_name: str, *arguments: str | Path, var: Path, environment: Mapping[str, str]) -> Child:
    return Child(
        name=name,
        command=[sys.executable, *arguments],
        log=LogFile(var / "log" / f"{log_name}.log"),
        environment=environment,
        directory=CHECKOUT,
    )


def prepare(report: Path, *, var: Path, environment: Mapping[str, str]) -> Child:
    """Migrates, loads the first demo data, collects static files; its progress is for the person at the terminal."""
    options: list[str | Path] = ["--report", report]
    if lines := environment.get("HALL_DEMO_LINES"):
        options.append(f"--demo-lines={lines}")
    child = _child("Preparing", "prepare", "manage.py", "prepare", *options, var=var, environment=environment)
    child.shows_output = True
    return child


def web_server(host: str, port: int, *, host_name: str, var: Path, environment: Mapping[str, str]) -> Child:
    """:param host_name: a name from ALLOWED_HOSTS, for asking whether the server is ready."""
    child = _child(
        "The web server",
        "web",
        *("-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", host, "--port", str(port)),
        *("--workers", str(WEB_PROCESSES), "--blocking-threads", str(WEB_THREADS)),
        *("--workers-kill-timeout", "3", "--respawn-failed-workers", "portal.wsgi:application"),
        var=var,
        environment=environment,
    )
    reached_at = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    child.is_ready = lambda: _says_ready(reached_at, port, host_name)
    return child


def _says_ready(host: str, port: int, host_name: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": host_name})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker(name: str, *, var: Path, environment: Mapping[str, str]) -> Child:
    """:param name: of the worker among all that share the broker, e.g. "hall-8000"."""
    node = f"{name}@localhost"
    child = _child(
        "The worker",
        "worker",
        *("-m", "celery", "--app", "portal", "worker", "--hostname", node, "--concurrency", str(WORKER_PROCESSES)),
        *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        var=var,
        environment=environment,
    )
    child.is_ready = lambda: _answers_ping(environment["REDIS_URL"], node)
    # Warm: finish the task in hand; then cold. What is cut off comes back: tasks are acknowledged late.
    child.stop_signals = (signal.SIGTERM, signal.SIGQUIT)
    return child


def _answers_ping(broker_url: str, node: str) -> bool:
    with Celery(broker=broker_url, set_as_current=False) as app:
        try:
            return bool(app.control.ping(destination=[node], timeout=0.5))
        except (OperationalError, OSError):
            return False


def scheduler(*, var: Path, environment: Mapping[str, str]) -> Child:
    """Keeps nothing on disk: what is due stands in the database, and the usual one's file does not survive a kill."""
    return _child(
        "The scheduler",
        "scheduler",
        *("-m", "celery", "--app", "portal", "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", ""),
        *("--loglevel", "INFO"),
        var=var,
        environment=environment,
    )


def simulator(*, var: Path, environment: Mapping[str, str]) -> Child:
    return _child("The usage simulator", "simulator", "manage.py", "simulate", var=var, environment=environment)


def read_report(report: Path) -> dict[str, object]:
    answer: dict[str, object] = json.loads(report.read_text())
    return answer
