"""What the logs of web server and worker hold of people: nothing. Everything here is unlike anything else, so that it
would be found.
"""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Line
from billing.models import BankCard
from kernel.clock import now
from kernel.ids import PublicId
from kernel.phone import grouped_number, national_number
from messaging.models import Sms
from messaging.operations.deliver_sms import deliver_due_sms
from packages_app.models import Order
from tests.factories.accounts import PASSWORD, give_service_password, signed_in_client
from tests.factories.bank_cards import bank_code, card_number
from tests.factories.billing import make_line
from tests.factories.packages_app import code_of, make_offering
from tests.factories.partners import SECRET, make_partner
from tests.factories.vouchers import make_card

pytestmark = pytest.mark.django_db

NAME, NEW_PASSWORD = "欧阳明月乙", "nine canaries over Hangzhou"
_CODE = re.compile(r"#(\d{6})$")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that the hall's own log handler writes, also what is usually too little to be written."""
    root = logging.getLogger()
    handler = next(found for found in root.handlers if type(found) is logging.StreamHandler)
    stream, level = io.StringIO(), root.level
    before = handler.setStream(stream)
    root.setLevel(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield stream
    root.setLevel(level)
    handler.setStream(before)


class Secrets:
    """Collects what must not be found."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def add(self, **named: str) -> None:
        self.kept |= named

    def found_in(self, log: str) -> list[str]:
        """Return the names of those that are found, digits as numbers of their own."""
        return [
            name
            for name, value in self.kept.items()
            if re.search(rf"(?<!\d){re.escape(value)}(?!\d)" if value.isdigit() else re.escape(value), log)
        ]


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


def newest_code(line: Line) -> str:
    texts = Sms.objects.filter(account_id=line.account_id, secret=True).order_by("-queued_at")
    return str(_CODE.findall(texts[0].body)[0])


def sign_in(secrets: Secrets, line: Line) -> None:
    client = Client()
    number = national_number(line.msisdn)
    client.post("/sign-in/", {"msisdn": number})
    code = newest_code(line)
    client.post("/sign-in/code/", {"code": f"{(int(code) + 1) % 10**6:06d}"})
    assert client.post("/sign-in/code/", {"code": code}).status_code == 302
    secrets.add(sign_in_code=code, session=client.cookies["sessionid"].value, device=client.cookies["device"].value)
    wrong = "wrong canaries over Wuxi"
    client.post("/sign-in/password/", {"msisdn": number, "password": wrong})
    assert client.post("/sign-in/password/", {"msisdn": number, "password": PASSWORD}).status_code == 302
    secrets.add(wrong_password=wrong, password=PASSWORD)


def change_password(secrets: Secrets, line: Line) -> None:
    client = signed_in_client(line)
    entered = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert client.post("/service-password/change/", entered).status_code == 302
    secrets.add(new_password=NEW_PASSWORD)


def top_up(secrets: Secrets, line: Line) -> None:
    client = signed_in_client(line)
    number = national_number(line.msisdn)
    client.post("/top-up/other/", {"msisdn": number})
    form = {"msisdn": line.msisdn, "amount": "30", "request_key": "1" * 32, "way": ""}
    assert client.post("/top-up/", form).status_code == 302


def redeem(secrets: Secrets, line: Line) -> None:
    card = make_card()
    client = signed_in_client(line)
    wrong = "123456789012345670"
    client.post("/top-up/card/", {"msisdn": line.msisdn, "pin": wrong})
    assert client.post("/top-up/card/", {"msisdn": line.msisdn, "pin": card.pin}).status_code == 302
    secrets.add(pin=card.pin, wrong_pin=wrong)


def order(secrets: Secrets, line: Line) -> None:
    client = signed_in_client(line)
    client.post(f"/packages/{make_offering().code}/", {"request_key": "2" * 32})
    asked = Order.objects.get(account_id=line.account_id)
    secrets.add(order_code=code_of(asked))
    confirm = f"/orders/{PublicId(asked.account_id, asked.id)}/confirm/"
    assert client.post(confirm, {"code": code_of(asked)}).status_code == 302


def link_card(secrets: Secrets, line: Line) -> None:
    client = signed_in_client(line)
    number = card_number(line)
    client.post("/payment-methods/link/", {"card_number": number, "account_kind": "DEBIT", "request_key": "3" * 32})
    card = BankCard.objects.get(account_id=line.account_id)
    code = bank_code(line)
    linked = client.post(f"/payment-methods/{PublicId(card.account_id, card.id)}/code/", {"code": code})
    assert linked.status_code == 302
    card.refresh_from_db()
    secrets.add(card_number=number, bank_code=code, card_token=card.token)


def call_as_partner(secrets: Secrets, line: Line) -> None:
    partner = make_partner(line)
    assert partner.get("/tmf-api/prepayBalanceManagement/v4/bucket").status_code == 200
    form = {"grant_type": "client_credentials", "client_id": partner.client_id, "client_secret": SECRET}
    given = Client().post("/oauth/token/", form)
    assert given.status_code == 200
    secrets.add(token=partner.token, client_secret=SECRET, new_token=given.json()["access_token"])


def deliver(secrets: Secrets, line: Line) -> None:
    secrets.add(**{f"text {sms.kind}": sms.body for sms in Sms.objects.filter(account_id=line.account_id)})
    deliver_due_sms(now=now(), limit=100)


FLOWS: tuple[Any, ...] = (sign_in, change_password, top_up, redeem, order, link_card, call_as_partner)


class TestLogs:
    @pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
    def test_hold_nothing_of_anybody(self, flow: Any, written: io.StringIO, secrets: Secrets) -> None:
        line = make_line(cash_fen=100_00, name=NAME)
        give_service_password(line)
        secrets.add(name=NAME, number=national_number(line.msisdn), grouped=grouped_number(line.msisdn))
        flow(secrets, line)
        deliver(secrets, line)
        log = written.getvalue()
        assert "request_finished" in log
        assert secrets.found_in(log) == []

    def test_would_be_noticed_if_they_did(self, written: io.StringIO, secrets: Secrets) -> None:
        secrets.add(name=NAME, code="482913")
        logging.getLogger("canary").warning("sent %s to %s", "482913", NAME)
        assert secrets.found_in(written.getvalue()) == ["name", "code"]
