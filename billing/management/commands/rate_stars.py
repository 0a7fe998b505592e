from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from billing.management.commands.issue_bills import month_argument
from billing.operations.rate_stars import rate_stars
from kernel.clock import Month, month_of, now
from kernel.errors import DomainError


class Command(BaseCommand):
    help = (
        "Rate every account for a month by the star table in force, and let its overdraft follow. What happened before "
        "the month counts. Running it again rates only who is new."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", type=month_argument, help="the month, such as 2026-11 (the one that runs)")

    def handle(self, *args: Any, period: Month | None, **options: Any) -> None:
        at = now()
        month = period or month_of(at)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(f"Stars of {month}", total=None)
            try:
                rated = rate_stars(
                    month=month,
                    now=at,
                    progress=lambda done, accounts: bar.update(task, completed=done, total=accounts),
                )
            except DomainError as refusal:
                raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{month}: {rated.accounts} accounts rated, {rated.changed} stars changed, {rated.overdrafts} overdrafts"
            " followed."
        )
