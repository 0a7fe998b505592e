"""P8: how long `bin/serve` takes to its first answered page, on a checkout without packages, and the second time."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from bench.measure import Goal

CHECKOUT = Path(__file__).resolve().parent.parent
FIRST_SECONDS, SECOND_SECONDS = 120.0, 12.0
PATIENCE_SECONDS = 600


def measure() -> list[Goal]:
    """Copy the files that are kept in git to another folder and start the hall there twice, on servers of its own."""
    with tempfile.TemporaryDirectory(prefix="hall-bench-start-") as folder:
        fresh = Path(folder) / "hall"
        listed = subprocess.run(
            ["git", "ls-files", "-z"],  # noqa: S607
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in listed.stdout.split("\0"):
            if name and (CHECKOUT / name).is_file():
                (fresh / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(CHECKOUT / name, fresh / name)
        first, second = _start(fresh), _start(fresh)
    return [
        _goal("first start: packages, database, demo data", first, FIRST_SECONDS),
        _goal("second start", second, SECOND_SECONDS),
    ]


def _goal(work: str, seconds: float, wanted: float) -> Goal:
    return Goal(
        row="p8",
        work=f"bin/serve to its first answered page, {work}, as a share of {wanted:.0f} s",
        measured=seconds / wanted,
        wanted=1.0,
        at_least=False,
        detail=f"{seconds:,.1f} s",
    )


def _start(folder: Path) -> float:
    """Return how many seconds it took to the first page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    ours = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "HALL_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    began = time.monotonic()
    hall = subprocess.Popen(  # noqa: S603
        [folder / "bin" / "serve"], env=environment | {"PORT": str(port)}, stdout=subprocess.DEVNULL
    )
    try:
        while not _answers(port):
            if hall.poll() is not None or time.monotonic() - began > PATIENCE_SECONDS:
                raise RuntimeError("the hall did not start")
            time.sleep(0.05)
        return time.monotonic() - began
    finally:
        hall.send_signal(signal.SIGTERM)
        hall.wait(timeout=60)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
