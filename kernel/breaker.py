"""Leaves another system alone for a while after it failed, so that a dead one does not hold up pages and workers."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_PAUSE_SECONDS = 10.0


class BreakerOpen(Exception):
    """The other system failed a moment ago and is left alone; it was not called."""


class Breaker:
    """Open after a failure for 1, 2, 4, 8, then 10 seconds. After a pause one call alone tries whether all is well.

    It lives in the process: each worker finds out for itself, at the cost of one time-out.
    """

    def __init__(self) -> None:
        self.failures = 0
        self.open_until = 0.0
        self._one_at_a_time = threading.Lock()

    @property
    def is_open(self) -> bool:
        """True while nothing may be sent."""
        return time.monotonic() < self.open_until

    def batch_limit(self, limit: int) -> int:
        """Return how many messages may be claimed: none while open, one to probe after a failure, else `limit`."""
        if self.is_open:
            return 0
        return min(limit, 1) if self.failures else limit

    def record_success(self) -> None:
        """The other system answered."""
        self.failures = 0
        self.open_until = 0.0

    def record_failure(self) -> None:
        """The other system was not there or did not answer in time."""
        pause = min(2.0 ** min(self.failures, 10), LONGEST_PAUSE_SECONDS)
        self.failures += 1
        self.open_until = time.monotonic() + pause

    @contextmanager
    def guard(self, *failures: type[Exception]) -> Iterator[None]:
        """Run a call from many threads: refuse it while open, let one alone probe, and note how it ended.

        :param failures: what the call raises when the other system is not there; anything else counts as an answer.
        :raises BreakerOpen: the call was not made.
        """
        with self._one_at_a_time:
            if self.is_open:
                raise BreakerOpen
            if self.failures:
                # Whoever comes while the probe is under way finds the breaker open.
                self.open_until = time.monotonic() + LONGEST_PAUSE_SECONDS
        try:
            yield
        except failures:
            self.record_failure()
            raise
        except Exception:
            self.record_success()
            raise
        self.record_success()
