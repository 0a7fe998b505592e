from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from kernel.clock import now
from kernel.money import yuan_text
from portal.backup.refusal import BackupRefused
from portal.backup.take import take_backup


class Command(BaseCommand):
    help = "Write everything that is committed into a new backup, while the hall is open. `restore` brings it back."

    def add_arguments(self, parser: CommandParser) -> None:
        folder = settings.HALL_VAR / "backups"
        parser.add_argument("folder", type=Path, nargs="?", default=folder, help=f"where to write it ({folder})")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            with Console(stderr=True).status("Writing the backup …"):
                dump, manifest = take_backup(folder=folder, now=now())
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from None
        figures = manifest.figures
        wallets = figures.money["wallets_cash_fen"] + figures.money["wallets_bonus_fen"]
        self.stdout.write(
            f"{dump}: {dump.stat().st_size / 1_000_000:,.1f} MB, {len(figures.rows)} tables, "
            f"{sum(figures.rows.values()):,} rows, {yuan_text(wallets)} yuan in wallets."
        )
        self.stdout.write("Keep it with its .json file, and the hall's keys elsewhere: they are not in it.")
