"""A child process: how it is started, what it said, and how it is stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.logs import LogFile
from portal.embedded.refusal import StartRefused

LAUNCHER = Path(__file__).with_name("launch.py")
Pause = Callable[[float], None]


@dataclass
class Child:
    """One program under our care.

    :ivar name: what people call it, e.g. "PostgreSQL".
    :ivar command: absolute path of the program, and its arguments.
    :ivar log: where its output goes.
    :ivar is_ready: asks whether it does its work by now; None when being alive is enough.
    :ivar before_start: clears away what an earlier run that was killed has left.
    :ivar after_end: removes what is of no use once it has ended.
    :ivar stop_signals: asked in this order, before SIGKILL.
    :ivar run_as: user to become when we are root.
    :ivar reading: paths that this user must be able to read.
    :ivar shows_output: what it prints is for the person at the terminal; only errors go to the log.
    """

    name: str
    command: Sequence[str | Path]
    log: LogFile
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    directory: Path = Path("/")
    is_ready: Callable[[], bool] | None = None
    before_start: Callable[[], None] | None = None
    after_end: Callable[[], None] | None = None
    stop_signals: Sequence[signal.Signals] = (signal.SIGTERM,)
    run_as: str | None = None
    reading: Sequence[Path] = ()
    shows_output: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0

    def start(self) -> None:
        """Start the program in a session of its own, so that a Ctrl-C in the terminal reaches only its parent."""
        if self.before_start:
            self.before_start()
        options = [f"--parent={os.getpid()}", f"--death-signal={int(self.stop_signals[0])}"]
        if self.run_as:
            options += [f"--user={self.run_as}", *(f"--reading={path}" for path in self.reading)]
        with self.log.open_for_run() as output:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-S", LAUNCHER, *options, "--", *self.command],
                stdin=subprocess.DEVNULL,
                stdout=None if self.shows_output else output,
                stderr=output,
                cwd=self.directory,
                env=self.environment,
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def wait_until_ready(self, *, seconds: float, pause: Pause) -> None:
        """Wait until `is_ready` says yes.

        :raises StartRefused: it ended, or did not get ready in time.
        """
        deadline = time.monotonic() + seconds
        while not (self.is_ready is None or self.is_ready()):
            if not self.is_alive:
                raise StartRefused(f"{self.name} did not start: {self.log.reason()}")
            if time.monotonic() > deadline:
                raise StartRefused(f"{self.name} was not ready after {seconds:.0f} s; see {self.log.path}.")
            pause(0.05)

    def ask_to_stop(self, signal_number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal_number)

    def kill(self) -> None:
        """End the program and everything in its session that it did not end itself."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):  # when all are gone already
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.after_end:
            self.after_end()


def stop_together(children: Sequence[Child], *, grace_seconds: float) -> None:
    """Stop children, the last of them first, and return when nothing of them is left.

    :param grace_seconds: how long each kind of stop signal is given; SIGKILL follows the last.
    """
    for attempt in range(max((len(child.stop_signals) for child in children), default=0)):
        for child in reversed(children):
            if attempt < len(child.stop_signals):
                child.ask_to_stop(child.stop_signals[attempt])
        deadline = time.monotonic() + grace_seconds
        while any(child.is_alive for child in children) and time.monotonic() < deadline:
            time.sleep(0.02)
    for child in reversed(children):
        child.kill()
