from collections.abc import Iterator
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

import accounts.queries.audit
import billing.queries.audit
import care.queries.audit
import messaging.queries.audit
import packages_app.queries.audit
import packages_app.queries.usage_audit
from kernel.audit import AuditCheck, AuditResult, run_audit

APPS = (
    messaging.queries.audit,
    accounts.queries.audit,
    billing.queries.audit,
    packages_app.queries.audit,
    packages_app.queries.usage_audit,
    care.queries.audit,
)


def list_all_checks() -> Iterator[AuditCheck]:
    """Return the invariants of every app."""
    for app in APPS:
        yield from app.list_checks()


class Command(BaseCommand):
    help = "Check every invariant of the books on one snapshot. Exits 1 when one is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        table = Table("Invariant", title="Books")
        table.add_column("Rows checked", justify="right")
        table.add_column("Violations", justify="right")
        with Console(stderr=True).status("Reading the books …"):
            results = list(run_audit(list_all_checks()))
        for result in results:
            style = "bold red" if result.violations else ""
            table.add_row(result.check.name, f"{result.rows:,}", f"{result.violations:,}", style=style)
        console = Console(file=cast("IO[str]", self.stdout), highlight=False)
        console.print(table)
        broken = [result for result in results if result.violations]
        for result in broken:
            self._explain(console, result)
        if broken:
            raise CommandError(f"{len(broken)} of {len(results)} invariants are broken.", returncode=1)
        console.print(f"All {len(results)} invariants hold.")

    def _explain(self, console: Console, result: AuditResult) -> None:
        console.print(f"\n{result.check.name}: {result.check.promise} Broken by {result.violations:,}, such as:")
        for example in result.examples:
            console.print(f"  {example}", markup=False, soft_wrap=True)
