from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from portal.backup.refusal import BackupRefused
from portal.backup.restore import count_waiting_migrations, restore_backup


class Command(BaseCommand):
    help = "Bring a backup back into an empty database, compare it with what was written, and audit the books."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dump", type=Path, help="the .dump file; its .json file stands beside it")

    def handle(self, *args: Any, dump: Path, **options: Any) -> None:
        try:
            with Console(stderr=True).status("Bringing the backup back …"):
                manifest = restore_backup(dump=dump)
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from None
        rows = manifest.figures.rows
        self.stdout.write(
            f"All of the backup of {manifest.taken_at} is back: {len(rows)} tables, {sum(rows.values()):,} rows."
        )
        if waiting := count_waiting_migrations():
            self.stdout.write(
                f"It is of an older version, {waiting} migrations ago: run `migrate`, then `audit_books`, before the"
                " hall opens."
            )
            return
        call_command("audit_books", stdout=self.stdout)
