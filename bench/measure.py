"""Paired rounds: machines are noisy, so a figure counts only against its yardstick in the same minute."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from rich.progress import track

Work = Callable[[int], None]


@dataclass(frozen=True)
class Goal:
    """One goal of a row and what was measured.

    :ivar row: name of the row, such as "p1".
    :ivar work: what was measured, against which yardstick, on which data.
    :ivar measured: the ratio; `wanted` is its bound, a floor when `at_least`, else a ceiling.
    :ivar detail: the times behind the ratio.
    """

    row: str
    work: str
    measured: float
    wanted: float
    at_least: bool
    detail: str

    @property
    def is_met(self) -> bool:
        return self.measured >= self.wanted if self.at_least else self.measured <= self.wanted

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "met": self.is_met}


@dataclass(frozen=True)
class Paired:
    """Medians of paired rounds, in seconds per round, and the median of the ratios of the pairs."""

    ours_seconds: float
    yardstick_seconds: float
    ratio: float

    def detail(self, *, per_round: int, unit: str) -> str:
        """Say both in microseconds per unit of work."""
        ours = self.ours_seconds / per_round * 1e6
        yardstick = self.yardstick_seconds / per_round * 1e6
        return f"ours {ours:,.1f} µs, yardstick {yardstick:,.1f} µs per {unit}"


def _timed(work: Work, number: int) -> float:
    started = time.perf_counter()
    work(number)
    return time.perf_counter() - started


def paired(*, rounds: int, ours: Work, yardstick: Work, title: str) -> Paired:
    """Measure two ways of the same work in alternating order and return how ours compares.

    :param rounds: pairs to take; one more is taken first and thrown away.
    :param ours: does one round's work; is given the round's number, so that keys differ.
    :return: `ratio` is speed against the yardstick: 1.0 is as fast, 0.5 takes twice as long.
    """
    pairs: list[tuple[float, float]] = []
    for number in track(range(rounds + 1), description=title, transient=True):
        order = [ours, yardstick] if number % 2 else [yardstick, ours]
        took = {work: _timed(work, number) for work in order}
        pairs.append((took[ours], took[yardstick]))
    kept = pairs[1:]
    return Paired(
        ours_seconds=statistics.median(mine for mine, _yardstick in kept),
        yardstick_seconds=statistics.median(lean for _mine, lean in kept),
        ratio=statistics.median(lean / mine for mine, lean in kept),
    )
