"""Children of a run that was killed with -9. The kernel has told them to stop; this makes sure that they did."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

from portal.embedded.child import Child, Pause


def _started(pid: int) -> str | None:
    """Return when a process started, in clock ticks since boot: with its number this tells it from any other."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except OSError:
        return None


class Leftovers:
    """The list of our children, kept in a file that outlives us only if we are killed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, children: Iterable[Child]) -> None:
        pids = [child.process.pid for child in children if child.process is not None]
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps({pid: _started(pid) for pid in pids}))
        beside.replace(self._path)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def await_end(self, *, seconds: float, pause: Pause) -> None:
        """Wait until the children of the last run are gone, and end those that take longer."""
        try:
            known: dict[str, str | None] = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return

        def running() -> list[int]:
            return [int(pid) for pid, ticks in known.items() if ticks and _started(int(pid)) == ticks]

        deadline = time.monotonic() + seconds
        while running() and time.monotonic() < deadline:
            pause(0.1)
        for pid in running():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        self.forget()
