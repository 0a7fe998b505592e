from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.queries.sandbox_statement import list_sandbox_statement
from kernel.clock import SHANGHAI


class Command(BaseCommand):
    help = "Write the sandbox's file of a day, as a payment provider would offer it, for reconcile_payments."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, required=True, help="the day, such as 2026-11-21")
        parser.add_argument("file", type=Path, help="where to write it")

    def handle(self, *args: Any, date: date, file: Path, **options: Any) -> None:
        starts_at = datetime(date.year, date.month, date.day, tzinfo=SHANGHAI)
        lines = list(list_sandbox_statement(starts_at=starts_at, ends_at=starts_at + timedelta(days=1)))
        try:
            file.write_bytes(b"".join(lines))
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{len(lines) - 1} movements of {date} written to {file}.")
