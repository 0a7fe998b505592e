"""A started hall loses its Redis, or its web server in the worst moment: no money and no text is lost or doubled."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import psycopg2
import pytest
import requests
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from accounts.queries.lines import get_line_by_msisdn
from billing.gateways.base import PaymentOutcome
from billing.gateways.sandbox import payment_of, signed_notice
from billing.models import SandboxPayment, TopUp, Wallet
from portal.demo.people import bulk_msisdn
from tests.factories.partners import PREPAY, Partner, make_partner
from tests.faults.customers import PATIENCE_SECONDS, Customer
from tests.hall_records import open_records
from tests.halls import StartedHall, child_of, open_hall, wait_for
from tests.servers import database_url, worker_number

# One worker of pytest-xdist runs them, so that only one hall is started.
pytestmark = pytest.mark.xdist_group("started-hall")

CREDITED = "^【和风通信】充值成功"
# The promise is half a second; a machine that runs a whole suite beside it is given ten times that.
ANSWER_WITHIN_SECONDS = 5
TEXTS_WITHIN_SECONDS = 60


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[StartedHall]:
    """A hall with a Redis of its own, which may be killed. In the end its books must agree."""
    name = f"hall_faults_{worker_number()}"
    connection = psycopg2.connect(database_url("postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    with open_hall(
        tmp_path_factory.mktemp("hall"), DATABASE_URL=database_url(name), HALL_DEMO_LINES="2", HALL_SIMULATE="0"
    ) as started:
        yield started
        with django_db_blocker.unblock(), open_records(started):
            call_command("audit_books")


@pytest.fixture(autouse=True)
def _records(hall: StartedHall, django_db_blocker: DjangoDbBlocker, settings: Settings) -> Iterator[None]:
    """Let the test read the hall's books and sign as its cashier."""
    settings.PAYMENT_SANDBOX_SECRET = (hall.var / "secrets" / "sandbox-cashier").read_text().strip()
    with django_db_blocker.unblock(), open_records(hall):
        yield


def cash_of(msisdn: str) -> int:
    return Wallet.objects.get(account_id=get_line_by_msisdn(msisdn).account_id).cash_fen


def start_top_up(customer: Customer, yuan: int) -> SandboxPayment:
    """Send the form of the top-up page and return the payment that the cashier was asked for."""
    answer = customer.post("/top-up/", customer.fields_of("/top-up/") | {"other_amount": str(yuan)})
    assert answer.status_code == 302
    return SandboxPayment.objects.get(payment_number=answer.headers["Location"].rstrip("/").rsplit("/", 1)[1])


def notify(hall: StartedHall, payment: SandboxPayment) -> requests.Response:
    """Tell the hall, as the provider, that a payment was made."""
    paid = replace(payment_of(payment), outcome=PaymentOutcome.PAID, paid_fen=payment.amount_fen)
    body, headers = signed_notice(paid, now=timezone.now())
    return requests.post(f"{hall.base_url}/payment-callback/sandbox/", data=body, headers=headers, timeout=20)


class TestRedisLost:
    def test_costs_no_top_up_and_no_text(self, hall: StartedHall) -> None:
        customer = Customer(hall, bulk_msisdn(0))
        before = cash_of(customer.msisdn)
        redis = child_of(hall, "redis-server")
        os.kill(redis, signal.SIGSTOP)
        try:
            slowest = 0.0
            for yuan in range(1, 11):
                began = time.monotonic()
                assert notify(hall, start_top_up(customer, yuan)).text == "success"
                slowest = max(slowest, time.monotonic() - began)
            assert cash_of(customer.msisdn) == before + 55_00
            assert customer.texts(CREDITED) == []
        finally:
            os.kill(redis, signal.SIGKILL)
        assert slowest < 3 * ANSWER_WITHIN_SECONDS  # two pages and the notice
        wait_for(lambda: len(customer.texts(CREDITED)) == 10, seconds=TEXTS_WITHIN_SECONDS)
        told = {yuan for yuan in range(1, 11) if len(customer.texts(f"充值{yuan}.00元")) == 1}
        assert told == set(range(1, 11))


@contextmanager
def answers_held_back() -> Iterator[None]:
    """Let pages do and commit their work, but not answer: the row that notes their use cannot be written."""
    connection = psycopg2.connect(database_url(settings.DATABASES["default"]["NAME"]))
    try:
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE channels_interaction IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        connection.close()


class TestTheWebServerKilledAfterItsCommit:
    def test_makes_one_top_up_of_a_form_that_is_sent_again_and_credits_what_was_paid_once(
        self, hall: StartedHall
    ) -> None:
        customer = Customer(hall, bulk_msisdn(1))
        before = cash_of(customer.msisdn)
        form = customer.fields_of("/top-up/") | {"other_amount": "7"}
        top_ups = TopUp.objects.filter(account_id=get_line_by_msisdn(customer.msisdn).account_id, amount_fen=7_00)
        self.lose_the_answer(hall, customer, "/top-up/", form, top_ups.exists)
        cashier = customer.post("/top-up/", form).headers["Location"]
        assert top_ups.count() == 1

        pay = customer.fields_of(cashier) | {"outcome": "PAID"}
        paid = SandboxPayment.objects.filter(payment_number=top_ups.get().payment_number, outcome="PAID")
        self.lose_the_answer(hall, customer, cashier, pay, paid.exists)
        assert customer.post(cashier, pay).status_code == 302
        wait_for(lambda: len(customer.texts(CREDITED)) == 1, seconds=TEXTS_WITHIN_SECONDS)
        assert cash_of(customer.msisdn) == before + 7_00
        assert notify(hall, paid.get()).text == "success"
        assert cash_of(customer.msisdn) == before + 7_00

    def lose_the_answer(
        self, hall: StartedHall, customer: Customer, path: str, form: dict[str, str], committed: object
    ) -> None:
        """Send a form, and kill the web server once its work is committed and before it answers."""
        lost = threading.Event()

        def send() -> None:
            try:
                customer.post(path, form)
            except requests.ConnectionError:
                lost.set()

        sender = threading.Thread(target=send)
        with answers_held_back():
            sender.start()
            wait_for(committed, seconds=PATIENCE_SECONDS)
            os.killpg(child_of(hall, "granian"), signal.SIGKILL)
            sender.join()
        assert lost.is_set()
        wait_for(lambda: hall.status("/readyz") == 200, seconds=PATIENCE_SECONDS)


class TestOneKeyAcrossAKilledWebServer:
    def test_is_one_top_up_with_one_answer(self, hall: StartedHall) -> None:
        line = get_line_by_msisdn(bulk_msisdn(0))
        partner = make_partner(line)
        before = cash_of(line.msisdn)
        first_answer = threading.Event()

        def send(amount: int) -> tuple[int, bytes]:
            """Send the top-up until it is answered, as a partner does that hears nothing."""
            answer = self.answer_to(hall, partner, line.msisdn, amount)
            while answer is None or answer[0] >= 500:
                time.sleep(0.1)
                answer = self.answer_to(hall, partner, line.msisdn, amount)
            first_answer.set()
            return answer

        with ThreadPoolExecutor(64) as threads:
            sent = [threads.submit(send, 9) for _time in range(64)]
            first_answer.wait(timeout=PATIENCE_SECONDS)
            os.killpg(child_of(hall, "granian"), signal.SIGKILL)
            answers = {one.result(timeout=PATIENCE_SECONDS) for one in sent}
        assert len(answers) == 1
        [(status, _body)] = answers
        assert status == 201
        assert cash_of(line.msisdn) == before + 9_00
        assert {send(9)} == answers
        assert send(10)[0] == 422
        assert cash_of(line.msisdn) == before + 9_00

    def answer_to(self, hall: StartedHall, partner: Partner, msisdn: str, amount: int) -> tuple[int, bytes] | None:
        body = {"amount": {"amount": amount, "units": "CNY"}, "logicalResource": {"value": msisdn}}
        headers = {"Authorization": f"Bearer {partner.token}", "Idempotency-Key": "across-a-kill"}
        try:
            url = f"{hall.base_url}{PREPAY}/topupBalance"
            answer = requests.post(url, json=body, headers=headers, timeout=20)
        except requests.RequestException:
            return None
        return answer.status_code, answer.content
