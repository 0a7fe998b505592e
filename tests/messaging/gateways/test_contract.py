"""What every gateway keeps, whatever is behind it. A new gateway adds itself to `way`."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from pytest_django import Settings

from messaging.gateways.base import Outcome, OutgoingSms, SmsGateway
from messaging.gateways.http import HttpGateway
from messaging.gateways.memory import MemoryGateway
from messaging.gateways.smpp import SmppGateway
from messaging.gateways.stub import StubGateway
from messaging.queries.texts import list_stub_texts
from tests.factories.messaging import NOW
from tests.networks.message_centre import MessageCentre
from tests.networks.text_provider import SECRET, TextProvider

pytestmark = pytest.mark.django_db

# What a number has received, oldest first: read from the gateway's own far end.
Received = Callable[[str], list[str]]


@dataclass
class Way:
    """A gateway with something behind it."""

    gateway: SmsGateway
    received: Received


def stub(_settings: Settings) -> Iterator[Way]:
    yield Way(StubGateway(), lambda msisdn: [text.body for text in reversed(list_stub_texts(msisdn, 500))])


def memory(_settings: Settings) -> Iterator[Way]:
    gateway = MemoryGateway()
    yield Way(gateway, lambda msisdn: [one.body for one in gateway.sent if one.msisdn == msisdn])


def http(settings: Settings) -> Iterator[Way]:
    provider = TextProvider()
    settings.SMS_HTTP_URL, settings.SMS_HTTP_SECRET = provider.url, SECRET
    yield Way(HttpGateway(), provider.received)
    provider.close()


def smpp(settings: Settings) -> Iterator[Way]:
    centre = MessageCentre()
    settings.SMPP_HOST, settings.SMPP_PORT = "127.0.0.1", centre.port
    settings.SMPP_SYSTEM_ID, settings.SMPP_PASSWORD = "hall", centre.password
    gateway = SmppGateway()
    yield Way(gateway, centre.received)
    gateway.close()
    centre.close()


@pytest.fixture(params=[stub, memory, http, smpp], ids=lambda make: make.__name__)
def way(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Way]:
    """Each gateway in turn; a new one adds itself to the list above."""
    yield from request.param(settings)


def message(body: str = "您好。", msisdn: str = "+8613800138000") -> OutgoingSms:
    return OutgoingSms(message_id=uuid.uuid4(), msisdn=msisdn, body=body)


class TestEveryGateway:
    def test_gives_one_result_a_text_in_order(self, way: Way) -> None:
        messages = [message(str(number)) for number in range(3)]
        results = way.gateway.send(messages, now=NOW, timeout_seconds=5)
        assert [result.outcome for result in results] == [Outcome.SENT] * 3
        assert sorted(way.received("+8613800138000")) == ["0", "1", "2"]

    def test_gives_an_id_of_its_own_that_fits(self, way: Way) -> None:
        results = way.gateway.send([message(), message()], now=NOW, timeout_seconds=5)
        ids = {result.gateway_message_id for result in results}
        assert len(ids) == 2
        assert all(1 <= len(gateway_id) <= 64 for gateway_id in ids)

    def test_changes_nothing_in_the_words(self, way: Way) -> None:
        body = "【和风通信】您好 😀 “{x}” %s\n@hall.example #482913 " + "长" * 900
        way.gateway.send([message(body)], now=NOW, timeout_seconds=5)
        assert way.received("+8613800138000") == [body]

    def test_sends_nothing_for_an_empty_batch(self, way: Way) -> None:
        assert way.gateway.send([], now=NOW, timeout_seconds=5) == []

    def test_reaches_only_the_number_it_is_for(self, way: Way) -> None:
        way.gateway.send([message(msisdn="+8613800138001")], now=NOW, timeout_seconds=5)
        assert way.received("+8613800138000") == []

    def test_is_honest_about_repeats(self, way: Way) -> None:
        again = message("only once?")
        first = way.gateway.send([again], now=NOW, timeout_seconds=5)
        second = way.gateway.send([again], now=NOW, timeout_seconds=5)
        assert [result.outcome for result in first + second] == [Outcome.SENT] * 2
        assert way.received("+8613800138000") == ["only once?"] * (1 if way.gateway.drops_repeats else 2)

    def test_has_a_name_that_fits(self, way: Way) -> None:
        assert 1 <= len(way.gateway.name) <= 24

    def test_takes_many_in_one_go(self, way: Way) -> None:
        messages = [message(str(number)) for number in range(200)]
        results = way.gateway.send(messages, now=NOW, timeout_seconds=10)
        assert [result.outcome for result in results] == [Outcome.SENT] * 200
        assert len(way.received("+8613800138000")) == 200

    def test_is_used_again_and_again(self, way: Way) -> None:
        for number in range(3):
            assert way.gateway.send([message(str(number))], now=NOW, timeout_seconds=5)[0].outcome is Outcome.SENT
        assert sorted(way.received("+8613800138000")) == ["0", "1", "2"]
