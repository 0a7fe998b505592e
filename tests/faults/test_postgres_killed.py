"""PostgreSQL is killed with -9 while top-ups are confirmed: what a client was answered is in the books, once.

Each client keeps a journal of the answers it had, as a payment provider does, and tells again what it had none to.
With `--long` the trial is as long as the promise: 10,000 answers and 10 kills.
"""

import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from django.core.management import call_command
from django.db import Error, connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from accounts.queries.lines import get_line_by_msisdn
from billing.gateways.base import Payment, PaymentOutcome
from billing.gateways.sandbox import signed_notice
from billing.models import LedgerEntry, TopUp
from billing.operations.top_ups import confirm_top_up
from portal.demo.people import bulk_msisdn
from portal.supervisor.keeper import STEADY_SECONDS
from tests.factories.billing import make_top_up
from tests.hall_records import open_records
from tests.halls import StartedHall, child_of, open_hall, wait_for

# One worker of pytest-xdist runs what starts a hall, so that no two are started at once.
pytestmark = pytest.mark.xdist_group("started-hall")

CLIENTS = 8
AMOUNT_FEN = 1_00
BACK_WITHIN_SECONDS = 10.0

Acknowledge = Callable[[TopUp], bool]


@dataclass(frozen=True)
class Length:
    """:ivar pause_seconds: of a client after each answer, so that the keeper never takes our kills for a bad server."""

    top_ups: int
    kill_after: Sequence[int]
    pause_seconds: float = 0.0


SHORT = Length(1_050, (200, 500, 800))
LONG = Length(10_200, range(900, 10_000, 900), pause_seconds=0.1)


@dataclass
class Trial:
    """Clients that tell of payments until each is acknowledged, while PostgreSQL is killed.

    :ivar away_seconds: for each kill, how long the hall did not serve.
    """

    hall: StartedHall
    journal: Path
    acknowledge: Acknowledge
    length: Length
    waiting: queue.SimpleQueue[TopUp] = field(default_factory=queue.SimpleQueue)
    away_seconds: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, top_ups: Sequence[TopUp]) -> None:
        for top_up in top_ups:
            self.waiting.put(top_up)
        self.journal.touch()
        with ThreadPoolExecutor(CLIENTS) as clients:
            at_work = [clients.submit(self.be_a_client) for _client in range(CLIENTS)]
            try:
                for many in self.length.kill_after:
                    wait_for(lambda many=many: len(self.journalled()) >= many, seconds=120)
                    self.kill()
            finally:
                self.over.set()
            for client in at_work:
                client.result(timeout=300)

    def be_a_client(self) -> None:
        with self.journal.open("a") as journal:
            while True:
                try:
                    top_up = self.waiting.get_nowait()
                except queue.Empty:
                    return
                while not self.acknowledge(top_up):
                    time.sleep(0.05)
                journal.write(f"{top_up.payment_number}\n")
                journal.flush()
                if not self.over.is_set():
                    time.sleep(self.length.pause_seconds)

    def kill(self) -> None:
        connection.close()
        began = time.monotonic()
        kill_postgres(self.hall)
        wait_for(lambda: self.hall.status("/readyz") == 200, seconds=60)
        self.away_seconds.append(time.monotonic() - began)

    def journalled(self) -> list[str]:
        return self.journal.read_text().split()


def kill_postgres(hall: StartedHall) -> None:
    """Kill the server and every process of it, all at once."""
    server = child_of(hall, "bin/postgres")
    for pid in (server, *children_of(server)):
        os.kill(pid, signal.SIGKILL)


def children_of(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[StartedHall]:
    """A hall with servers of its own, one of which may be killed. In the end its books must agree."""
    with open_hall(tmp_path_factory.mktemp("hall"), HALL_DEMO_LINES=str(CLIENTS), HALL_SIMULATE="0") as started:
        yield started
        with django_db_blocker.unblock(), open_records(started):
            call_command("audit_books")


@pytest.fixture(autouse=True)
def _records(hall: StartedHall, django_db_blocker: DjangoDbBlocker, settings: Settings) -> Iterator[None]:
    settings.PAYMENT_SANDBOX_SECRET = (hall.var / "secrets" / "sandbox-cashier").read_text().strip()
    with django_db_blocker.unblock(), open_records(hall):
        yield


def start_top_ups(many: int) -> list[TopUp]:
    lines = [get_line_by_msisdn(bulk_msisdn(number)) for number in range(CLIENTS)]
    return [make_top_up(lines[number % CLIENTS], amount_fen=AMOUNT_FEN, now=timezone.now()) for number in range(many)]


def credits_of(top_ups: Sequence[TopUp]) -> dict[str, int]:
    """Return how often each payment is credited in the books, by its number."""
    numbers = {top_up.id: top_up.payment_number for top_up in top_ups}
    credited = LedgerEntry.objects.filter(reason_kind="TOP_UP", reason_id__in=numbers)
    times = dict.fromkeys(numbers.values(), 0)
    for reason_id in credited.values_list("reason_id", flat=True):
        times[numbers[reason_id]] += 1
    return times


class TestPostgresKilledUnderTopUps:
    @pytest.fixture
    def length(self, *, long_run: bool) -> Length:
        return LONG if long_run else SHORT

    def test_loses_no_answered_one_and_doubles_none(self, hall: StartedHall, length: Length, tmp_path: Path) -> None:
        top_ups = start_top_ups(length.top_ups)
        web = threading.local()

        def tell(top_up: TopUp) -> bool:
            """Post the provider's notice; anything but its one word is no answer."""
            if not hasattr(web, "session"):
                web.session = requests.Session()
            payment = Payment(
                payment_number=top_up.payment_number,
                provider_payment_number=f"SB{top_up.payment_number}",
                outcome=PaymentOutcome.PAID,
                paid_fen=AMOUNT_FEN,
                currency="CNY",
                merchant="online-business-hall",
            )
            body, headers = signed_notice(payment, now=timezone.now())
            try:
                url = f"{hall.base_url}/payment-callback/sandbox/"
                return bool(web.session.post(url, data=body, headers=headers, timeout=20).text == "success")
            except requests.RequestException:
                return False

        trial = Trial(hall, tmp_path / "journal", tell, length)
        trial.run(top_ups)
        times = credits_of(top_ups)
        answered = trial.journalled()
        assert len(answered) == length.top_ups
        assert [number for number in answered if times[number] == 0] == []
        assert set(times.values()) == {1}
        assert len(trial.away_seconds) == len(length.kill_after)
        assert max(trial.away_seconds) <= BACK_WITHIN_SECONDS

    def test_control_answers_given_before_the_disk_has_them_are_lost(self, hall: StartedHall, tmp_path: Path) -> None:
        """The journal finds what is lost: here nobody waits for the disk. One kill in a few hits such a moment."""

        def answer_early(top_up: TopUp) -> bool:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET synchronous_commit = off")
                confirm_top_up(
                    account_id=top_up.account_id,
                    top_up_id=top_up.id,
                    paid_fen=AMOUNT_FEN,
                    provider_payment_number=top_up.payment_number,
                    now=timezone.now(),
                )
            except Error:
                connection.close()
                return False
            return True

        for number in range(6):
            if number:
                time.sleep(STEADY_SECONDS)  # or else the keeper takes our kills for a bad server
            top_ups = start_top_ups(400)
            trial = Trial(hall, tmp_path / f"journal-{number}", answer_early, Length(400, (150,)))
            trial.run(top_ups)
            times = credits_of(top_ups)
            if [number for number in trial.journalled() if times[number] == 0]:
                return
        pytest.fail("no answer was lost in six kills")
