from typing import Any

from django.core.management.base import BaseCommand

from accounts.operations.keep_holidays import keep_holidays
from kernel.clock import now


class Command(BaseCommand):
    help = (
        "Make the windows of this year's and the next year's holidays, in which good customers are not suspended, "
        "or move them as the calendar says. Windows that staff changed stay. Running it again changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        kept = keep_holidays(now=now())
        self.stdout.write(f"{kept.made} windows made, {kept.moved} moved.")
        for year in kept.missing_years:
            self.stderr.write(
                f"The public holidays of {year} are not known: update the package chinesecalendar, or enter them at the"
                " staff desk."
            )
