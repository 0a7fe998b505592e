import pytest
import time_machine

from kernel.breaker import Breaker


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, in a list of one: set it to move it."""
    at = [1000.0]
    monkeypatch.setattr("kernel.breaker.time.monotonic", lambda: at[0])
    return at


class TestBreaker:
    def test_lets_everything_through_at_first(self) -> None:
        assert Breaker().batch_limit(500) == 500

    def test_lets_nothing_through_after_a_failure(self, clock: list[float]) -> None:
        breaker = Breaker()
        breaker.record_failure()
        assert (breaker.is_open, breaker.batch_limit(500)) == (True, 0)

    def test_probes_with_one_after_the_pause(self, clock: list[float]) -> None:
        breaker = Breaker()
        breaker.record_failure()
        clock[0] += 1.0
        assert (breaker.is_open, breaker.batch_limit(500)) == (False, 1)

    def test_closes_when_the_probe_succeeds(self, clock: list[float]) -> None:
        breaker = Breaker()
        breaker.record_failure()
        clock[0] += 1.0
        breaker.record_success()
        assert breaker.batch_limit(500) == 500

    def test_waits_longer_each_time_but_never_over_ten_seconds(self, clock: list[float]) -> None:
        breaker = Breaker()
        pauses = []
        for _failure in range(40):
            breaker.record_failure()
            pauses.append(breaker.open_until - clock[0])
        assert pauses == [1.0, 2.0, 4.0, 8.0] + [10.0] * 36

    def test_does_not_care_about_jumps_of_the_wall_clock(self) -> None:
        breaker = Breaker()
        for _failure in range(5):  # open for ten seconds, which pass for nobody in this test
            breaker.record_failure()
        with time_machine.travel("2030-01-01T00:00:00Z"):
            assert breaker.is_open is True
