"""`manage.py seed_demo`: invented people with plans, orders, money, bills and usage."""

import time
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kernel.clock import SHANGHAI, now
from kernel.errors import DomainError
from portal.demo.conformance import CONFORMANCE, prepare_conformance
from portal.demo.seeding import Seeded, seed_demo
from portal.demo.sign_ins import prepare_demo_sign_ins


class Command(BaseCommand):
    help = "Make demo people with a past. Only in demo mode, only where no other customers are; who is there stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lines", type=int, default=200, help="how many besides the four named ones (200)")
        parser.add_argument("--months", type=int, default=6, help="whole months of charges, top-ups and bills (6)")
        parser.add_argument("--seed", type=int, default=1, help="another seed makes other people (1)")
        parser.add_argument("--as-of", type=date.fromisoformat, help="day before which everything happened (today)")
        parser.add_argument("--timings", action="store_true", help="say how long each step took")
        parser.add_argument(
            "--profile",
            choices=[CONFORMANCE],
            help="conformance: a client and a token for a kit that tries the REST face",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["lines"] < 0 or not 0 <= options["months"] <= 60:
            raise CommandError("--lines must not be negative, --months be from 0 to 60.")
        if options["profile"] == CONFORMANCE and not options["months"]:
            raise CommandError("A kit needs bills: --months must be 1 at least.")
        asked_at = now()
        day = options["as_of"] or asked_at.astimezone(SHANGHAI).date()
        as_of = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
        steps: dict[str, float] = {}
        try:
            seeded = self._seed(options, as_of, steps)
            prepare_demo_sign_ins(now=asked_at)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        if seeded.lines:
            self.stdout.write(f"{seeded.lines} lines, {seeded.bills} bills.")
        else:
            self.stdout.write("The demo people are there already; nothing was changed.")
        if options["timings"]:
            for step, seconds in steps.items():
                self.stdout.write(f"{step:16} {seconds:8.2f} s")
        if options["profile"] == CONFORMANCE:
            for name, value in prepare_conformance(now=asked_at).items():
                self.stdout.write(f"{name}={value}")

    def _seed(self, options: dict[str, Any], as_of: datetime, steps: dict[str, float]) -> Seeded:
        """Show a bar on a terminal, nothing elsewhere; keep in `steps` how long each took."""
        began = time.monotonic()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            bar = bars.add_task("lines")

            def progress(step: str, done: int, total: int) -> None:
                bars.update(bar, description=step, completed=done, total=total)
                steps[step] = time.monotonic() - began - sum(took for name, took in steps.items() if name != step)

            return seed_demo(
                lines=options["lines"],
                months=options["months"],
                seed=options["seed"],
                as_of=as_of,
                progress=progress,
            )
