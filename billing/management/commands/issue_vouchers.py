import argparse
import csv
import getpass
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from billing.operations.issue_vouchers import NewCard, issue_vouchers
from kernel.clock import now
from kernel.errors import DomainError
from kernel.money import AmountInvalid, parse_yuan


def face_argument(text: str) -> int:
    """Read an amount of yuan from the command line and return fen."""
    try:
        return parse_yuan(text)
    except AmountInvalid:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount of yuan such as 50") from None


def date_argument(text: str) -> date:
    """Read a day from the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2027-12-31") from None


class Command(BaseCommand):
    help = (
        "Make a batch of recharge cards, all or none. Serial numbers and PINs are written to a new file that only its"
        " owner can read, for the printer; the hall keeps no PIN. Staff activate the batch at the desk."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--face", type=face_argument, required=True, help="what a card is worth, in yuan")
        parser.add_argument("--count", type=int, required=True, help="how many cards, up to 1,000,000")
        parser.add_argument("--valid-until", type=date_argument, required=True, help="last day, such as 2027-12-31")
        parser.add_argument("--out", type=Path, required=True, help="the file to write; it must not exist yet")
        parser.add_argument("--issuer", default="", help="one of HALL_VOUCHER_ISSUERS (the first)")

    def handle(self, *args: Any, face: int, count: int, out: Path, **options: Any) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar, _printers_file(out) as hand_over:
            task = bar.add_task("Recharge cards", total=count)
            try:
                batch = issue_vouchers(
                    face_fen=face,
                    count=count,
                    valid_until=options["valid_until"],
                    issuer_name=options["issuer"],
                    made_by=f"{getpass.getuser()} (manage.py)",
                    hand_over=hand_over,
                    now=now(),
                    progress=lambda made, of: bar.update(task, completed=made, total=of),
                )
            except DomainError as refusal:
                raise CommandError(str(refusal)) from None
        self.stdout.write(f"Batch {batch.number}: {batch.count} recharge cards written to {out}.")
        self.stdout.write(
            "They are not active yet. Activate the batch at the staff desk once the cards are in the shops."
        )


@contextmanager
def _printers_file(path: Path) -> Iterator[Callable[[Sequence[NewCard]], None]]:
    """Make a file that only its owner can read and give what writes cards into it; no cards, no file.

    :raises CommandError: the file exists, or cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(
            f"{path} exists already and is not overwritten: it may hold the PINs of other cards."
        ) from None
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "w", newline="", encoding="ascii") as file:
            writer = csv.writer(file)
            writer.writerow(NewCard._fields)

            def hand_over(cards: Sequence[NewCard]) -> None:
                writer.writerows(cards)
                file.flush()
                os.fsync(file.fileno())

            yield hand_over
    except BaseException:
        path.unlink()
        raise
