"""A whole hall, started as people start it, on a folder of its own: for journeys, and for trying the start itself."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DEMO_LINES = 12


@dataclass
class StartedHall:
    """:ivar port: of its web server; :ivar environment: of every process in it, the servers' addresses left out."""

    process: subprocess.Popen[bytes]
    var: Path
    port: int
    environment: Mapping[str, str]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """What its terminal shows so far."""
        return (self.var / "terminal.txt").read_text()

    def status(self, path: str) -> int | None:
        """Return the HTTP status of a page, None while nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def wait_until_open(self, *, seconds: float) -> None:
        wait_for(lambda: "The hall is open" in self.said or self.process.poll() is not None, seconds=seconds)
        assert self.process.poll() is None, self.said

    def manage(self, *arguments: str) -> str:
        """Run a management command on it and return what that printed."""
        command = [str(CHECKOUT / "bin" / "manage"), *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout

    def stop(self) -> int:
        """Ask it to close and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def wait_for(happened: object, *, seconds: float) -> None:
    """Wait until the callable says yes; fail after `seconds`."""
    assert callable(happened)
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"did not happen within {seconds} s"
        time.sleep(0.05)


def child_of(hall: StartedHall, program: str) -> int:
    """Return the number of the hall's process whose command names a program."""
    for pid in json.loads((hall.var / "run" / "children.json").read_text()):
        if program in Path(f"/proc/{pid}/cmdline").read_text():
            return int(pid)
    raise LookupError(program)


def is_running(pid: int) -> bool:
    """Say whether a process lives; a zombie does not, whoever inherited it just has not buried it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def hall_environment(var: Path, **settings: str) -> dict[str, str]:
    """Return an environment in which `bin/serve` starts a small hall on `var` with servers of its own."""
    ours = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PYTEST_", "HALL_", "PORT")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    ours_alone = {
        "HALL_VAR": str(var),
        "HALL_DEMO_LINES": str(DEMO_LINES),
        # All that come have one address.
        "HALL_SIGN_IN_CODES_WITHOUT_WORK_PER_ADDRESS": "1000",
    }
    return inherited | ours_alone | settings


def start_hall(var: Path, *, port: int, **settings: str) -> StartedHall:
    """Start a hall without waiting for it."""
    var.mkdir(parents=True, exist_ok=True)
    environment = hall_environment(var, PORT=str(port), **settings)
    with (var / "terminal.txt").open("wb") as terminal:
        process = subprocess.Popen(
            [CHECKOUT / "bin" / "serve"], env=environment, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal
        )
    return StartedHall(process, var, port, environment)


@contextmanager
def open_hall(var: Path, **settings: str) -> Iterator[StartedHall]:
    """A hall that is open within the block."""
    hall = start_hall(var, port=free_port(), **settings)
    try:
        hall.wait_until_open(seconds=240)
        yield hall
    finally:
        hall.stop()
