"""The message centre of P3, in a process of its own so that it does not share our processor time. Knows no Django."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from tests.networks.message_centre import MessageCentre

_START_SECONDS = 30.0


@contextmanager
def message_centre(*, latency_seconds: float, password: str) -> Iterator[int]:
    """Answer SMPP on loopback as long as the block lasts; yields the port."""
    fresh = multiprocessing.get_context("spawn")
    control, far_end = fresh.Pipe()
    process = fresh.Process(target=_run, args=(far_end, latency_seconds, password), daemon=True)
    process.start()
    try:
        if not control.poll(_START_SECONDS):
            raise RuntimeError("the message centre did not start")
        yield control.recv()
    finally:
        process.terminate()
        process.join()


def _run(control: Connection, latency_seconds: float, password: str) -> None:
    control.send(MessageCentre(latency_seconds=latency_seconds, password=password).port)
    while True:
        time.sleep(60)
