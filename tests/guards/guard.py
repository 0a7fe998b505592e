"""One guard: a lock, a conditional write or a look, and what stands there without it."""

from typing import NamedTuple


class Guard(NamedTuple):
    """:ivar file: where it stands; :ivar without: texts with what takes their place; :ivar tests: that must fail."""

    file: str
    without: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]


def instead_of(file: str, text: str, instead: str, *tests: str) -> Guard:
    """Return a guard that is one text."""
    return Guard(file, ((text, instead),), tests)
