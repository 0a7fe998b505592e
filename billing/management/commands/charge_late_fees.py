from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.management.commands.issue_bills import month_argument
from billing.operations.issue_bills import MonthNotEnded
from billing.operations.late_fees import charge_late_fees
from kernel.clock import Month, now


class Command(BaseCommand):
    help = "Charge the late fees of a month that has ended. Running it again charges only what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", type=month_argument, required=True, help="the month, such as 2026-10")

    def handle(self, *args: Any, period: Month, **options: Any) -> None:
        try:
            charged = charge_late_fees(month=period, now=now())
        except MonthNotEnded as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{charged} late fees charged for {period}.")
