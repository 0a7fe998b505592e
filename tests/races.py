"""Many callers at once, on real threads with database connections of their own."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, connection

from kernel.errors import DomainError

AT_ONCE = 64
# Ample for any machine; whoever waits longer waits for ever.
PATIENCE_SECONDS = 60

Outcome = TypeVar("Outcome")


def at_once(act: Callable[[int], Outcome], *, times: int = AT_ONCE) -> list[Outcome]:
    """Do something many times at once and return what came of each.

    :param act: called with 0, 1, 2 …; needs `django_db(transaction=True)`.
    """
    start = Barrier(times)

    def one(number: int) -> Outcome:
        try:
            with connection.cursor() as cursor:
                # On a busy machine the last of so many in one queue waits longer than a visitor is kept waiting.
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{PATIENCE_SECONDS}s"])
            start.wait(timeout=PATIENCE_SECONDS)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


def outcomes(act: Callable[[int], object], *, times: int = AT_ONCE) -> Counter[str]:
    """Do something many times at once and count how it ended: OK, the code of a refusal, or DATABASE_ERROR."""

    def ended(number: int) -> str:
        try:
            act(number)
        except DomainError as refusal:
            return refusal.code
        except DatabaseError:
            return "DATABASE_ERROR"
        return "OK"

    return Counter(at_once(ended, times=times))


def meet_after(act: Callable[..., Outcome], *, times: int = AT_ONCE) -> Callable[..., Outcome]:
    """Return the function with a wait behind it until so many have done it: all have looked before any goes on."""
    all_have_done_it = Barrier(times)

    def act_and_wait(*arguments: object, **named: object) -> Outcome:
        outcome = act(*arguments, **named)
        all_have_done_it.wait(timeout=PATIENCE_SECONDS)
        return outcome

    return act_and_wait


@contextmanager
def function_without(script: str, *guards: tuple[str, str]) -> Iterator[None]:
    """Install a function of billing/sql with guards taken out, then as it was."""
    whole = (Path(settings.BASE_DIR) / "billing" / "sql" / script).read_text()
    text = whole
    for guard, instead in guards:
        assert text.count(guard) == 1
        text = text.replace(guard, instead)
    try:
        run_sql(text)
        yield
    finally:
        run_sql(whole)


@contextmanager
def table_without(table: str, constraint: str, definition: str) -> Iterator[None]:
    """Drop a constraint, then empty the table and put it back."""
    try:
        run_sql(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        yield
    finally:
        run_sql(f"TRUNCATE {table} CASCADE")
        run_sql(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}")


def run_sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)
