"""`bin/serve` as people use it. The tests of the class share one start and build on each other's, in this order."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.demo.people import FIXED_PEOPLE
from tests.halls import CHECKOUT, DEMO_LINES, StartedHall, free_port, hall_environment, is_running, start_hall, wait_for

pytestmark = pytest.mark.xdist_group("serve")


def descendants(pid: int) -> set[int]:
    """Return the numbers of all processes below one."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def running(pids: set[int]) -> set[int]:
    return {pid for pid in pids if is_running(pid)}


def serve(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run `bin/serve` where it is bound to refuse."""
    return subprocess.run(
        [CHECKOUT / "bin" / "serve"], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedHall]:
    var = tmp_path_factory.mktemp("var with a space, 营业厅")
    started = start_hall(var, port=free_port())
    try:
        started.wait_until_open(seconds=240)
        below = descendants(started.process.pid)
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()
    wait_for(lambda: not running(below), seconds=60)


class TestServe:
    def test_opens_and_says_where_and_for_whom(self, hall: StartedHall) -> None:
        assert f"The hall is open: {hall.base_url}/" in hall.said
        assert "Demo sign-ins:" in hall.said
        assert hall.status("/readyz") == 200

    def test_refuses_a_second_start_on_the_same_folder(self, hall: StartedHall) -> None:
        second = serve(**{**hall.environment, "PORT": str(free_port())})
        assert second.returncode == 1
        assert second.stderr.startswith(f"The hall is already running on {hall.var} (process {hall.process.pid});")
        assert second.stderr.count("\n") == 1

    def test_refuses_a_busy_port(self, hall: StartedHall, tmp_path: Path) -> None:
        second = serve(**hall_environment(tmp_path, PORT=str(hall.port)))
        assert second.returncode == 1
        assert second.stderr.startswith(f"Port {hall.port} is in use by another program;")
        assert second.stderr.count("\n") == 1

    def test_lets_commands_work_on_the_open_hall(self, hall: StartedHall) -> None:
        count = "from accounts.models import Line; print(Line.objects.count())"
        assert hall.manage("shell", "--no-imports", "-c", count) == f"{DEMO_LINES + len(FIXED_PEOPLE)}\n"

    def test_starts_a_worker_again_that_was_killed(self, hall: StartedHall) -> None:
        children = hall.var / "run" / "children.json"
        worker = next(
            pid
            for pid in json.loads(children.read_text())
            if b"\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        os.kill(int(worker), signal.SIGKILL)
        wait_for(lambda: "The worker ended unexpectedly; starting it again." in hall.said, seconds=60)
        wait_for(lambda: worker not in json.loads(children.read_text()), seconds=60)
        assert hall.process.poll() is None

    def test_leaves_nothing_behind_when_it_is_killed(self, hall: StartedHall) -> None:
        below = descendants(hall.process.pid)
        assert len(below) >= 8
        hall.process.kill()
        hall.process.wait()
        wait_for(lambda: not running(below), seconds=60)

    def test_finds_its_data_again_and_closes_within_ten_seconds(self, hall: StartedHall) -> None:
        again = start_hall(hall.var, port=hall.port)
        try:
            again.wait_until_open(seconds=240)
            below = descendants(again.process.pid)
        finally:
            began = time.monotonic()
            exit_code = again.stop()
        assert time.monotonic() - began < 30  # ten seconds, and ample room for a busy machine
        assert exit_code == 0
        assert running(below) == set()
        assert "demo data" not in again.said
        assert "migrations" not in again.said
        assert "static files\n" not in again.said.split("Preparing the database and the static files\n")[1]
        assert "Closed; nothing is left running" in again.said
        assert not (hall.var / "run" / "sockets").exists()
