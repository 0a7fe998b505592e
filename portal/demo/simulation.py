"""What demo lines use from now on, a few records every few seconds."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from accounts.models import NumberDirectory
from accounts.queries.lines import get_line_by_msisdn
from packages_app.models import UsageKind
from packages_app.operations.record_usage import UsageRow, record_usage
from packages_app.queries.allowance import BucketLeft, get_allowance
from portal.demo.people import FIXED_PEOPLE, MAIN_MSISDN, is_demo_msisdn

MB = 1024**2
# The line of the first page of the documentation passes 80 % some two minutes after the first start, and then slows.
MAIN_LINE_HURRIES_TO_PERCENT = 81
_HURRIED_SHARE, _CALM_SHARE = 0.002, 0.000_02
_FIRST_USE_TICK = 2

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Simulation:
    """A stream of usage; the same seed draws the same lines, kinds and amounts.

    :ivar msisdns: the lines that use something now and then.
    :ivar seed: of what is drawn.
    :ivar rate: records a tick, besides that of the main line.
    """

    msisdns: Sequence[str]
    seed: int
    rate: int

    def batch(self, tick: int, main_bucket: BucketLeft | None, now: datetime) -> list[UsageRow]:
        """Return the records of one tick.

        :param tick: 0, 1, …
        :param main_bucket: what the main line is spending, None when it has nothing left.
        :param now: when the records begin.
        """
        chance = random.Random(f"{self.seed}:{tick}")  # noqa: S311 (invented usage needs no secrets)
        uses = [(MAIN_MSISDN, UsageKind.DATA, _main_amount(chance, main_bucket))]
        if tick == _FIRST_USE_TICK:
            uses += [(person.msisdn, UsageKind.DATA, 3 * MB) for person in FIXED_PEOPLE if person.data_percent == 0]
        others = [msisdn for msisdn in self.msisdns if msisdn != MAIN_MSISDN]
        if others:
            uses += [(chance.choice(others), *_drawn_use(chance)) for _ in range(self.rate)]
        return [
            UsageRow(msisdn, f"sim-{self.seed}-{tick}-{number}", now, usage_kind, amount)
            for number, (msisdn, usage_kind, amount) in enumerate(uses)
        ]


def list_simulated_numbers() -> list[str]:
    """Return the demo's numbers in use."""
    numbers = NumberDirectory.objects.order_by("msisdn").values_list("msisdn", flat=True)
    return [msisdn for msisdn in numbers if is_demo_msisdn(msisdn)]


def run_tick(simulation: Simulation, *, tick: int, now: datetime) -> int:
    """Record the usage of one tick and return how many records were new."""
    line = get_line_by_msisdn(MAIN_MSISDN)
    buckets = get_allowance(line.account_id, line.id, now).data.buckets
    spending = next((bucket for bucket in buckets if bucket.left), None)
    return record_usage(records=simulation.batch(tick, spending, now), now=now).recorded


def run_until_stopped(
    simulation: Simulation, *, stop: threading.Event, seconds: float, clock: Callable[[], datetime]
) -> None:
    """Tick until told to stop. While the database is away, what would have been used is not.

    :param seconds: between ticks.
    :param clock: tells the time of each tick.
    """
    for tick in _numbers_until(stop, seconds):
        close_old_connections()
        try:
            run_tick(simulation, tick=tick, now=clock())
        except (OperationalError, InterfaceError) as error:
            log.warning("simulated_usage_lost", error=type(error).__name__)
            connection.close()


def _numbers_until(stop: threading.Event, seconds: float) -> Iterator[int]:
    tick = 0
    while not stop.is_set():
        yield tick
        tick += 1
        stop.wait(seconds)


def _main_amount(chance: random.Random, bucket: BucketLeft | None) -> int:
    if bucket is None:
        return chance.randrange(1, MB)
    hurries = bucket.used * 100 < MAIN_LINE_HURRIES_TO_PERCENT * bucket.total
    return max(1, round(bucket.total * (_HURRIED_SHARE if hurries else _CALM_SHARE) * chance.uniform(0.7, 1.3)))


def _drawn_use(chance: random.Random) -> tuple[UsageKind, int]:
    draw = chance.random()
    if draw < 0.05:
        return UsageKind.SMS, 1
    if draw < 0.15:
        return UsageKind.VOICE, chance.randrange(20, 300)
    return UsageKind.DATA, chance.randrange(MB // 20, 3 * MB)
