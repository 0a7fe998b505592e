"""Nudges to workers. A nudge may be lost: what is due stands in the database and a sweeper finds it."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

# One nudge in this many seconds per process and task is enough: the task drains everything that is due.
COALESCE_SECONDS = 0.1
# After a failed enqueue the broker is left alone this long, so that a dead Redis does not slow every page.
BROKER_PAUSE_SECONDS = 5.0


class _Nudger:
    """Remembers, per process, when each task was last nudged and until when the broker is left alone."""

    def __init__(self) -> None:
        self.last_sent: dict[str, float] = {}
        self.paused_until = 0.0

    def send(self, task_name: str, arguments: dict[str, Any], countdown: float = 0.0) -> None:
        if time.monotonic() < self.paused_until:
            return
        try:
            current_app.signature(task_name, kwargs=arguments).apply_async(retry=False, countdown=countdown)
        except (BrokerError, RedisError, OSError) as error:
            self.paused_until = time.monotonic() + BROKER_PAUSE_SECONDS
            log.warning("nudge_lost", task=task_name, error=type(error).__name__)

    def send_coalesced(self, task_name: str) -> None:
        if time.monotonic() - self.last_sent.get(task_name, 0.0) < COALESCE_SECONDS:
            # The task just sent looks once more when the interval is over: see `look_again`.
            return
        self.last_sent[task_name] = time.monotonic()
        self.send(task_name, {})


_nudger = _Nudger()


def enqueue_after_commit(task_name: str, **arguments: Any) -> None:
    """Send a task by name once the caller's transaction has committed; never raises, nor waits for a dead broker.

    :param task_name: e.g. "channels.answer_sms".
    :param arguments: JSON values, ids only.
    """
    _after_commit(partial(_nudger.send, task_name, arguments))


def nudge_after_commit(task_name: str) -> None:
    """Send a drain task (without arguments) once after commit, at most one in `COALESCE_SECONDS` per process."""
    _after_commit(partial(_nudger.send_coalesced, task_name))


def look_again(task_name: str, *, after_seconds: float = COALESCE_SECONDS, **arguments: Any) -> None:
    """Send a task once more when the interval is over in which nudges for it were swallowed; never raises.

    A drain task calls it when it finds nothing more. Waiting in the worker instead would hold one of its few processes.

    :param after_seconds: some seconds at most; what is due later stands in the database and is swept.
    """
    _nudger.send(task_name, arguments, countdown=after_seconds)


def _after_commit(send: Callable[[], None]) -> None:
    transaction.on_commit(send, robust=True)
