"""What every gateway keeps, whatever is behind it. A new gateway adds itself to `GATEWAYS`."""

import uuid
from collections.abc import Callable

import pytest

from messaging.gateways.base import Outcome, OutgoingSms, SmsGateway
from messaging.gateways.memory import MemoryGateway
from messaging.gateways.stub import StubGateway
from messaging.queries.texts import list_stub_texts
from tests.factories.messaging import NOW

pytestmark = pytest.mark.django_db

# What a number has received, oldest first: read from the gateway's own far end.
Received = Callable[[SmsGateway, str], list[str]]


def received_by_stub(_gateway: SmsGateway, msisdn: str) -> list[str]:
    return [text.body for text in reversed(list_stub_texts(msisdn, 100))]


def received_by_memory(gateway: SmsGateway, msisdn: str) -> list[str]:
    assert isinstance(gateway, MemoryGateway)
    return [message.body for message in gateway.sent if message.msisdn == msisdn]


GATEWAYS = [
    pytest.param(StubGateway, received_by_stub, id="stub"),
    pytest.param(MemoryGateway, received_by_memory, id="memory"),
]


def message(body: str = "您好。", msisdn: str = "+8613800138000") -> OutgoingSms:
    return OutgoingSms(message_id=uuid.uuid4(), msisdn=msisdn, body=body)


@pytest.mark.parametrize(("make_gateway", "received"), GATEWAYS)
class TestEveryGateway:
    def test_gives_one_result_a_text_in_order(self, make_gateway: type[SmsGateway], received: Received) -> None:
        messages = [message(str(number)) for number in range(3)]
        gateway = make_gateway()
        results = gateway.send(messages, now=NOW, timeout_seconds=5)
        assert [result.outcome for result in results] == [Outcome.SENT] * 3
        assert sorted(received(gateway, "+8613800138000")) == ["0", "1", "2"]

    def test_gives_an_id_of_its_own_that_fits(self, make_gateway: type[SmsGateway], received: Received) -> None:
        results = make_gateway().send([message(), message()], now=NOW, timeout_seconds=5)
        ids = {result.gateway_message_id for result in results}
        assert len(ids) == 2
        assert all(1 <= len(gateway_id) <= 64 for gateway_id in ids)

    def test_changes_nothing_in_the_words(self, make_gateway: type[SmsGateway], received: Received) -> None:
        body = "【和风通信】您好 😀 “{x}” %s\n@hall.example #482913 " + "长" * 900
        gateway = make_gateway()
        gateway.send([message(body)], now=NOW, timeout_seconds=5)
        assert received(gateway, "+8613800138000") == [body]

    def test_sends_nothing_for_an_empty_batch(self, make_gateway: type[SmsGateway], received: Received) -> None:
        assert make_gateway().send([], now=NOW, timeout_seconds=5) == []

    def test_reaches_only_the_number_it_is_for(self, make_gateway: type[SmsGateway], received: Received) -> None:
        gateway = make_gateway()
        gateway.send([message(msisdn="+8613800138001")], now=NOW, timeout_seconds=5)
        assert received(gateway, "+8613800138000") == []

    def test_is_honest_about_repeats(self, make_gateway: type[SmsGateway], received: Received) -> None:
        gateway = make_gateway()
        again = message("only once?")
        first = gateway.send([again], now=NOW, timeout_seconds=5)
        second = gateway.send([again], now=NOW, timeout_seconds=5)
        assert [result.outcome for result in first + second] == [Outcome.SENT] * 2
        assert received(gateway, "+8613800138000") == ["only once?"] * (1 if gateway.drops_repeats else 2)
