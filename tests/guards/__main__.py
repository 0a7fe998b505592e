"""`bin/guards [WORD …]`: take away each guard of money, orders and cards, and expect tests to fail.

With words, only guards whose names contain one of them. Exits 1 when the lack of a guard went unnoticed.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from portal.embedded.child import stop_together
from portal.embedded.postgres import embedded_postgres
from portal.embedded.redis import embedded_redis
from tests.guards.removal import CHECKOUT
from tests.guards.statements import GUARDS

PASSED, FAILED = 0, 1
REASON = re.compile(r"^FAILED \S+?::(.+?)(?: - (.*))?$", re.MULTILINE)
LONGEST_REASON = 90
HERE = "tests/guards"


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Servers of their own for the trials, unless the environment names some."""
    with tempfile.TemporaryDirectory(prefix="hall-guards-", ignore_cleanup_errors=True) as folder:
        environment = dict(os.environ)
        children = []
        if "DATABASE_URL" not in environment:
            postgres = embedded_postgres(Path(folder), durable=False)
            environment["DATABASE_URL"] = postgres.url()
            children.append(postgres.child)
        if "REDIS_URL" not in environment:
            redis = embedded_redis(Path(folder))
            environment["REDIS_URL"] = redis.url()
            children.append(redis.child)
        try:
            for child in children:
                child.start()
            for child in children:
                child.wait_until_ready(seconds=60, pause=time.sleep)
            yield environment
        finally:
            stop_together(children, grace_seconds=3)


def run_tests(tests: tuple[str, ...], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run tests, stopping at the first that fails; return the exit code of pytest and what it said."""
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.guards.removal", "-p", "no:cacheprovider", "--reuse-db"),
            *("-x", "-q", "--tb=no", "-k", "not control and not would_", *tests),
        ],
        cwd=CHECKOUT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def main(words: list[str]) -> int:
    console = Console()
    chosen = {name: guard for name, guard in GUARDS.items() if not words or any(word in name for word in words)}
    table = Table("Guard", "Taken away from", "Noticed by", title="Guards")
    noticed = 0
    with servers() as environment, console.status("") as status:
        status.update("All guards in place …")
        code, said = run_tests(tuple(sorted({test for guard in chosen.values() for test in guard.tests})), environment)
        if code != PASSED:
            console.print(said, markup=False)
            return 1
        code, said = run_tests((f"{HERE}/untried.py", "--tb=short"), environment)
        complete = code == PASSED
        if not complete:
            console.print(said, markup=False)
        for number, (name, guard) in enumerate(chosen.items(), 1):
            status.update(f"{number} of {len(chosen)}: without “{name}” …")
            code, said = run_tests(guard.tests, {**environment, "GUARD": name})
            found = REASON.search(said)
            if code == FAILED and found:
                table.add_row(name, guard.file, f"{found[1]}: {found[2] or ''}"[:LONGEST_REASON])
                noticed += 1
                continue
            table.add_row(name, guard.file, "[bold red]nobody[/]")
            if code != PASSED:  # the tests could not be run without it: the row in the table is wrong
                console.print(said, markup=False)
    console.print(table)
    console.print(f"{noticed} of {len(chosen)} guards are missed when they are gone.")
    return 0 if complete and noticed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
