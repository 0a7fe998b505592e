from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from packages_app.queries.catalogue import list_whole_catalogue
from packages_app.sheets.catalogue_file import write_file
from packages_app.sheets.draft import draft_of


class Command(BaseCommand):
    help = "Write the whole catalogue to a CSV file, as import_offerings takes it back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where to write it")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        offerings = list_whole_catalogue()
        try:
            file.write_bytes(b"".join(write_file(draft_of(offering) for offering in offerings)))
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{len(offerings)} offerings written to {file}.")
