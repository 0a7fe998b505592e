import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from billing.operations.issue_bills import MonthNotEnded, issue_bills
from kernel.clock import Month, now, parse_month


def month_argument(text: str) -> Month:
    """Read a month from the command line."""
    try:
        return parse_month(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a month such as 2026-10") from None


class Command(BaseCommand):
    help = "Issue the bills of a month that has ended. Running it again issues only what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", type=month_argument, required=True, help="the month, such as 2026-10")

    def handle(self, *args: Any, period: Month, **options: Any) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(f"Bills of {period}", total=None)
            try:
                issued = issue_bills(
                    month=period,
                    now=now(),
                    progress=lambda done, accounts: bar.update(task, completed=done, total=accounts),
                )
            except MonthNotEnded as refusal:
                raise CommandError(str(refusal)) from None
        self.stdout.write(f"{issued} bills issued for {period}.")
