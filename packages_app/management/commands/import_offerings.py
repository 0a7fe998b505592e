from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.clock import now
from kernel.errors import DomainError
from packages_app.operations.import_offerings import ImportRefused, Outcome, Preview, import_offerings, preview_import


class Command(BaseCommand):
    help = "Bring a CSV file of offerings in, all or nothing. Exit 1 if a row is refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="as export_offerings writes it; it need not name every offering")
        parser.add_argument("--dry-run", action="store_true", help="only tell what it would do")
        parser.add_argument("--author", default="import_offerings", help="who does it, for the history")

    def handle(self, *args: Any, file: Path, dry_run: bool, author: str, **options: Any) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        try:
            if dry_run:
                preview = preview_import(content=content)
            else:
                preview = import_offerings(content=content, author=author, now=now())
        except ImportRefused as refusal:
            self._tell(refusal.preview)
            raise CommandError(str(refusal)) from None
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        self._tell(preview)
        if not preview.is_applicable:
            raise CommandError(str(ImportRefused(preview=preview)))

    def _tell(self, preview: Preview) -> None:
        for row in preview.rows:
            for column, sentence in row.reasons:
                self.stdout.write(f"row {row.number} {row.code} {column}: {sentence}")
            for change in row.differences:
                before, after = (text.replace("\n", "; ") for text in (change.before, change.after))
                self.stdout.write(f"row {row.number} {row.code} {change.column}: {before or '-'} -> {after or '-'}")
        self.stdout.write(", ".join(f"{preview.counts[outcome]} {outcome.value.lower()}" for outcome in Outcome))
