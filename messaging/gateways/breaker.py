"""Leaves a gateway alone for a while after it failed, so that a dead one does not hold up the workers."""

import time

LONGEST_PAUSE_SECONDS = 10.0


class Breaker:
    """Open after a failure for 1, 2, 4, 8, then 10 seconds. After a pause one text alone tries whether all is well.

    It lives in the process: each worker finds out for itself, at the cost of one time-out.
    """

    def __init__(self) -> None:
        self.failures = 0
        self.open_until = 0.0

    @property
    def is_open(self) -> bool:
        """True while nothing may be sent."""
        return time.monotonic() < self.open_until

    def batch_limit(self, limit: int) -> int:
        """Return how many texts may be claimed: none while open, one to probe after a failure, else `limit`."""
        if self.is_open:
            return 0
        return min(limit, 1) if self.failures else limit

    def record_success(self) -> None:
        """The gateway answered."""
        self.failures = 0

    def record_failure(self) -> None:
        """The gateway was not there or did not answer in time."""
        pause = min(2.0 ** min(self.failures, 10), LONGEST_PAUSE_SECONDS)
        self.failures += 1
        self.open_until = time.monotonic() + pause
