from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.operations.reconcile_payments import reconcile_payments
from kernel.clock import now
from kernel.errors import DomainError


class Command(BaseCommand):
    help = "Compare a day with a payment provider's file and keep the report for staff. Exit 1 on a difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", required=True, help="the provider in use, such as sandbox")
        parser.add_argument("--date", type=date.fromisoformat, required=True, help="the day, such as 2026-11-21")
        parser.add_argument("file", type=Path, help="the provider's file, as it was downloaded")

    def handle(self, *args: Any, provider: str, date: date, file: Path, **options: Any) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        try:
            report = reconcile_payments(provider=provider, day=date, content=content, file_name=file.name, now=now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{report.our_count} movements here, {report.their_count} in the file, "
            f"{report.difference_count} differences."
        )
        if report.difference_count:
            raise SystemExit(1)
