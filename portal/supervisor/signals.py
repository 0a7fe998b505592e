"""Waiting that a signal cuts short."""

import os
import select
import signal
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Somebody wants the hall to close: Ctrl-C, `kill`, or the terminal went away."""


class Signals:
    """Notes stop signals, and wakes `pause` for them and for the death of a child.

    Nothing is raised in the middle of other work, only from `pause`, so that no child is started and forgotten.
    A signal that our parent chose to ignore (`nohup`, a background job) stays ignored.
    """

    def __init__(self) -> None:
        self._stop = False
        self._wakeup, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note_stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def _note_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop = True

    def pause(self, seconds: float) -> None:
        """Wait, or return sooner when a child died.

        :raises StopRequested: a stop signal has come.
        """
        if not self._stop:
            ready, _, _ = select.select([self._wakeup], [], [], seconds)
            if ready:
                os.read(self._wakeup, 4096)
        if self._stop:
            raise StopRequested
