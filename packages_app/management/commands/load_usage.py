from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from kernel.clock import now
from kernel.errors import DomainError
from packages_app.operations.load_usage import load_usage


class Command(BaseCommand):
    help = (
        "Record the usage records of a CSV file, plain or gzip. What cannot be taken goes to FILE.rejects.csv with its "
        "line number and the reason. A load that was killed goes on where it ended; nothing is counted twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="columns: number,key,started_at,kind,amount[,app,region,other_party]"
        )
        parser.add_argument("--rejects", type=Path, help="another file for what cannot be taken")

    def handle(self, *args: Any, file: Path, rejects: Path | None, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        rejects = rejects or file.with_name(f"{file.name}.rejects.csv")
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        try:
            with Progress(*columns, console=Console(stderr=True)) as bar:
                task = bar.add_task(file.name, total=file.stat().st_size)
                load = load_usage(
                    path=file,
                    rejects_path=rejects,
                    now=now(),
                    progress=lambda _load, read_bytes: bar.update(task, completed=read_bytes),
                )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{file.name}: {load.rows_done} records: {load.recorded} recorded, {load.repeated} known before, "
            f"{load.rejected} rejected" + (f", see {rejects}." if load.rejected else ".")
        )
