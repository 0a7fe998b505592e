import sys
from datetime import date, timedelta
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localtime
from rich.console import Console
from rich.table import Table

from billing.queries.trial_balance import TrialBalance, get_trial_balance
from billing.queries.trial_balance_table import COLUMNS, SUM_COLUMNS, list_cells, list_sums
from kernel.clock import now
from kernel.csv_export import csv_lines
from kernel.errors import DomainError


class Command(BaseCommand):
    help = "What each counterpart gave and took on closed days, proved over all entries. Exit 1 if it does not close."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first_date", type=date.fromisoformat, help="first day; else yesterday")
        parser.add_argument("--to", dest="last_date", type=date.fromisoformat, help="last day; else yesterday")
        parser.add_argument("--csv", action="store_true", help="write the rows as CSV instead of tables")
        parser.add_argument("--quick", action="store_true", help="read the days alone, and prove nothing")

    def handle(
        self, *args: Any, first_date: date | None, last_date: date | None, csv: bool, quick: bool, **options: Any
    ) -> None:
        last_date = last_date or localtime(now()).date() - timedelta(days=1)
        try:
            balance = get_trial_balance(
                first_date=first_date or last_date, last_date=last_date, now=now(), prove=not quick, patience_seconds=0
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        if csv:
            columns = [str(column) for column in COLUMNS]
            for line in csv_lines(columns=columns, rows=list_cells(balance)):
                self.stdout.write(line.decode(), ending="")
        else:
            self._draw(balance)
        if balance.closes is False:
            raise SystemExit(1)

    def _draw(self, balance: TrialBalance) -> None:
        console = Console(file=cast("IO[str]", self.stdout), width=None if sys.stdout.isatty() else 100)
        days = Table(*map(str, COLUMNS), title=f"{balance.first_date} – {balance.last_date}")
        for cells in list_cells(balance):
            days.add_row(*map(str, cells))
        sums = Table(*map(str, SUM_COLUMNS))
        for cells in list_sums(balance):
            sums.add_row(*map(str, cells))
        console.print(days, sums)
