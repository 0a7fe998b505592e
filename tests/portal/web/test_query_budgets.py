"""How many queries each page of a customer may ask, and that more to show never means more to ask."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Line
from kernel.clock import now
from tests.factories.accounts import make_sign_in, signed_in_client
from tests.factories.e_invoices import paid_top_up
from tests.factories.packages_app import ask_for, buy, make_offering, make_service
from tests.factories.whole_customer import make_whole_customer
from tests.site_map import Address, pages_and_forms
from tests.strangers import values_of

pytestmark = pytest.mark.django_db

# The whole budget of a page, with session, line and the note that somebody was there (three together).
QUERIES = {
    "home": 5,
    "functions": 3,
    "help": 3,
    "complaints": 3,
    "accessibility": 3,
    "offline": 0,
    "openapi-docs": 0,
    "accounts:sign-in": 4,
    "accounts:sign-in-password": 3,
    "accounts:service-password": 4,
    "accounts:service-password-change": 3,
    "accounts:service-password-reset": 5,
    "accounts:profile": 10,
    "accounts:contact": 4,
    "accounts:puk": 3,
    "accounts:preferences": 5,
    "accounts:privacy": 5,
    "accounts:sign-ins": 4,
    "billing:top-up": 8,
    "billing:top-up-other": 3,
    "billing:recharge-card": 5,
    "billing:recharge-card-other": 3,
    "billing:payment-methods": 6,
    "billing:link-card": 3,
    "billing:unlink-card": 5,
    "billing:automatic-top-up": 8,
    "billing:top-up-result": 4,
    "billing:barring": 6,
    "billing:barring-lost": 3,
    "billing:barring-stop": 3,
    "billing:bill": 8,
    "billing:bills": 7,
    "billing:e-invoices": 9,
    "billing:e-invoice-request": 5,
    "billing:points": 8,
    "billing:star": 11,
    "billing:statement": 7,
    "packages:allowance": 6,
    "packages:usage-details": 5,
    "packages:catalogue": 8,
    "packages:compare": 6,
    "packages:order": 13,
    "packages:offering": 9,
    "packages:cart": 4,
    "packages:orders": 5,
    "packages:order-waiting": 10,
    "packages:order-evidence": 6,
    "packages:port-out": 8,
    "packages:subscriptions": 5,
    "packages:cancel": 6,
    "care:tickets": 4,
    "care:ticket-open": 3,
    "care:ticket": 5,
    "care:outlets": 4,
    "care:hotspots": 4,
    "partners:tokens": 4,
    "partners:token-make": 3,
}


@pytest.fixture
def line(settings: Settings) -> Line:
    """Without the demo's handset, which asks beside each page."""
    settings.DEMO_MODE = False
    return make_whole_customer(name="令狐晓甲", yuan=2_321, email="mine@example.com")


@pytest.fixture
def client(line: Line) -> Client:
    client = signed_in_client(line)
    client.get("/")  # saves that the session is used
    return client


def paths_of(address: Address, line: Line) -> Iterator[str]:
    """Yield the paths of an address with everything of the customer that could be meant."""
    filled: list[dict[str, str]] = [{}]
    for converter, argument in address.arguments:
        filled = [{**path, argument: value} for path in filled for value in values_of(converter, argument, line)]
    return map(address.path, filled)


def queries_of_pages(client: Client, line: Line) -> dict[str, int]:
    """Return how many queries each page asked that there is: the first that is found at its address."""
    asked: dict[str, int] = {}
    for address in pages_and_forms():
        for path in paths_of(address, line):
            with CaptureQueriesContext(connection) as queries:
                answer: Any = client.get(path)
            if answer.status_code == HTTPStatus.OK and answer.headers["Content-Type"].startswith("text/html"):
                asked[address.name] = max(len(queries), asked.get(address.name, 0))
                break
            if answer.status_code not in (HTTPStatus.NOT_FOUND, HTTPStatus.FOUND):
                break
    return asked


class TestEveryPage:
    def test_keeps_to_its_budget(self, client: Client, line: Line) -> None:
        asked = queries_of_pages(client, line)
        assert set(QUERIES) - set(asked) - {"packages:order"} == set(), "no page was seen there"
        over = {name: count for name, count in asked.items() if count > QUERIES.get(name, -1)}
        assert over == {}, "A new page has its budget in QUERIES; an old one asks for more only with a reason."

    def test_asks_no_more_when_there_is_more_to_show(self, client: Client, line: Line) -> None:
        before = queries_of_pages(client, line)
        for _ in range(3):
            buy(line, make_offering(), now=now())
            buy(line, make_service(), now=now())
            ask_for(line, make_offering(), now=now())
            paid_top_up(line)
            make_sign_in(line, at=timezone.now(), browser="another")
        after = queries_of_pages(client, line)
        assert {name: (before[name], count) for name, count in after.items() if count > before.get(name, count)} == {}
