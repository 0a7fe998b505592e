"""`manage.py simulate`: demo lines go on using what they have, so that allowances shrink and reminders come."""

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kernel.clock import now
from portal.demo.people import MAIN_MSISDN
from portal.demo.simulation import Simulation, list_simulated_numbers, run_tick, run_until_stopped

# A statement that hangs must not hold up the end: what was not committed by then never happened.
GRACE_SECONDS = 0.7


class Command(BaseCommand):
    help = "Let demo lines use data, talk and text, until stopped. Only in demo mode."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="another seed draws other lines and amounts (1)")
        parser.add_argument("--rate", type=int, default=5, help="records a tick, besides the main line's (5)")
        parser.add_argument("--seconds", type=float, default=4.0, help="from tick to tick (4)")
        parser.add_argument("--once", action="store_true", help="one tick, then end")

    def handle(self, *args: Any, seed: int, rate: int, seconds: float, once: bool, **options: Any) -> None:
        if not settings.DEMO_MODE:
            raise CommandError("This hall is not in demo mode.")
        if rate < 0 or seconds <= 0:
            raise CommandError("--rate must not be negative, --seconds be more than 0.")
        msisdns = list_simulated_numbers()
        if MAIN_MSISDN not in msisdns:
            raise CommandError("The demo people are not there yet: manage.py seed_demo makes them.")
        simulation = Simulation(msisdns, seed, rate)
        if once:
            self.stdout.write(f"{run_tick(simulation, tick=0, now=now())} records.")
            return
        self.stdout.write(f"{len(msisdns)} lines use something now and then.")
        self._run(simulation, seconds)

    def _run(self, simulation: Simulation, seconds: float) -> None:
        """Tick in a thread of its own: signals are heard in the main one even while the database hangs."""
        stop = threading.Event()

        def on_signal(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, on_signal)
        failures: list[Exception] = []

        def tick_on() -> None:
            try:
                run_until_stopped(simulation, stop=stop, seconds=seconds, clock=now)
            except Exception as error:
                failures.append(error)
                stop.set()

        thread = threading.Thread(target=tick_on, daemon=True)
        thread.start()
        stop.wait()
        thread.join(GRACE_SECONDS)
        if failures:
            raise failures[0]
