"""Commits of notes that need not wait for the disk: who looked at what, and how often somebody calls."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def committed_lightly() -> Iterator[None]:
    """Commit what is written within the block without waiting until it is on disk.

    A wait for the disk is a third of a page. What is written so is lost if the database's machine dies within the next
    half second (three times `wal_writer_delay`), and only then: it is for rows that count, never for what was promised
    to somebody. Within a transaction nothing is different: it may hold more than notes.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")
        yield
