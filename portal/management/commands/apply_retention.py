from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from accounts.operations.retention import apply_retention, count_retention
from kernel.clock import now
from kernel.retention import RetentionAct

_WORDS = {RetentionAct.DELETE: "deleted", RetentionAct.BLOT: "words removed"}


class Command(BaseCommand):
    help = "Forget what is kept for long enough, as the nightly task does. --dry-run counts and changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, dry_run: bool = False, **options: Any) -> None:
        results = count_retention(now=now()) if dry_run else apply_retention(now=now())
        table = Table("Rule", "What", title="Retention (dry run)" if dry_run else "Retention")
        table.add_column("Kept (days)", justify="right")
        table.add_column("Rows due" if dry_run else "Rows", justify="right")
        for result in results:
            table.add_row(result.rule.name, _WORDS[result.rule.act], f"{result.rule.keep_days}", f"{result.rows:,}")
        console = Console(file=cast("IO[str]", self.stdout), highlight=False)
        console.print(table)
        rows = sum(result.rows for result in results)
        console.print(f"{rows:,} rows are due; nothing was changed." if dry_run else f"{rows:,} rows forgotten.")
