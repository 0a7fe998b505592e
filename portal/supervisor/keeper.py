"""Keeping children alive: one that dies is started again, one that keeps dying ends the whole."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.embedded.child import Child, Pause
from portal.embedded.refusal import StartRefused

STEADY_SECONDS = 10.0  # a child that lived this long had started well
QUICK_DEATHS_BEFORE_GIVING_UP = 6
FIRST_DELAY_SECONDS = 0.25
LOOK_AT_LOGS_EVERY_SECONDS = 60.0


@dataclass
class _Care:
    child: Child
    quick_deaths: int = 0
    start_at: float | None = None


def keep_alive(
    children: Sequence[Child], *, say: Callable[[str], None], noted: Callable[[], None], pause: Pause
) -> None:
    """Watch over running children until `pause` raises.

    :param say: tells the person at the terminal.
    :param noted: called after each new start.
    :raises StartRefused: a child died again and again as soon as it was started.
    """
    cares = [_Care(child) for child in children]
    logs_due_at = time.monotonic() + LOOK_AT_LOGS_EVERY_SECONDS
    while True:
        for care in cares:
            _attend(care, say=say, noted=noted)
        if time.monotonic() > logs_due_at:
            logs_due_at = time.monotonic() + LOOK_AT_LOGS_EVERY_SECONDS
            for child in children:
                child.log.put_aside_when_large()
        waiting = [care.start_at - time.monotonic() for care in cares if care.start_at is not None]
        pause(max(0.0, min([1.0, *waiting])))


def _attend(care: _Care, *, say: Callable[[str], None], noted: Callable[[], None]) -> None:
    child, now = care.child, time.monotonic()
    if care.start_at is not None:
        if now >= care.start_at:
            care.start_at = None
            child.start()
            noted()
    elif not child.is_alive:
        child.kill()  # what it left in its session
        care.quick_deaths = 1 if now - child.started_at >= STEADY_SECONDS else care.quick_deaths + 1
        if care.quick_deaths >= QUICK_DEATHS_BEFORE_GIVING_UP:
            raise StartRefused(f"{child.name} ended {care.quick_deaths} times in a row: {child.log.reason()}")
        say(f"{child.name} ended unexpectedly; starting it again. (Log: {child.log.path})")
        care.start_at = now + FIRST_DELAY_SECONDS * 2 ** (care.quick_deaths - 1)
