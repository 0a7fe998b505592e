from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kernel.clock import Month, now, parse_month
from packages_app.operations.turn_month import MonthNotBegun, turn_month
from packages_app.queries.month_turns import list_months_to_turn


class Command(BaseCommand):
    help = (
        "Turn a month: charge its recurring fees, open its allowances and carry over what is left. Without --period "
        "all months that are due. Running it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", help="the month, such as 2026-11")

    def handle(self, *args: Any, period: str | None, **options: Any) -> None:
        at = now()
        for month in [_month(period)] if period else list_months_to_turn(at):
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            with Progress(*columns, console=Console(stderr=True)) as bar:
                task = bar.add_task(f"Turn of {month}", total=None)
                try:
                    turned = turn_month(
                        month=month,
                        now=at,
                        progress=lambda done, accounts: bar.update(task, completed=done, total=accounts),  # noqa: B023
                    )
                except MonthNotBegun as refusal:
                    raise CommandError(str(refusal)) from None
            self.stdout.write(
                f"{month}: {turned.buckets} allowances opened, {turned.settled} fees paid, {turned.due} owed, "
                f"{turned.repeated} charged before, {turned.refused} left out."
            )


def _month(text: str) -> Month:
    try:
        return parse_month(text)
    except ValueError as error:
        raise CommandError(str(error)) from None
