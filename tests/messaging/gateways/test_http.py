"""The HTTP gateway against a provider that hangs, trickles, refuses, sends elsewhere, or talks nonsense."""

import time
import uuid
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from messaging.gateways.base import GatewayUnavailable, Outcome, OutgoingSms, SendResult
from messaging.gateways.http import HttpGateway, RequestWrong
from tests.factories.messaging import MORNING, NOW
from tests.networks.text_provider import SECRET, TextProvider

NUMBER = "+8613800138000"


@pytest.fixture
def provider(settings: Settings) -> Iterator[TextProvider]:
    provider = TextProvider()
    settings.SMS_HTTP_URL, settings.SMS_HTTP_SECRET = provider.url, SECRET
    yield provider
    provider.close()


@pytest.fixture
def gateway(provider: TextProvider) -> HttpGateway:
    return HttpGateway()


def message(body: str = "Hello", msisdn: str = NUMBER) -> OutgoingSms:
    return OutgoingSms(message_id=uuid.uuid4(), msisdn=msisdn, body=body, expires_at=MORNING)


def send(gateway: HttpGateway, *messages: OutgoingSms, seconds: float = 3.0) -> list[SendResult]:
    return gateway.send(messages, now=NOW, timeout_seconds=seconds)


class TestARequest:
    def test_says_what_the_provider_needs(self, gateway: HttpGateway, provider: TextProvider) -> None:
        text = message("长" * 71)
        (result,) = send(gateway, text)
        assert provider.texts == {
            str(text.message_id): {
                "id": str(text.message_id),
                "to": NUMBER,
                "text": "长" * 71,
                "parts": 2,
                "valid_until": "2026-11-22T23:00:00+00:00",
            }
        }
        assert result.gateway_message_id == f"ref-{text.message_id}"
        assert result.report_ids == (str(text.message_id),)

    def test_is_one_for_a_batch(self, gateway: HttpGateway, provider: TextProvider) -> None:
        send(gateway, *[message() for _number in range(30)])
        assert (provider.requests, len(provider.texts)) == (1, 30)

    def test_is_signed(self, gateway: HttpGateway, provider: TextProvider, settings: Settings) -> None:
        settings.SMS_HTTP_SECRET = "another"
        with pytest.raises(GatewayUnavailable, match="HTTP 401"):
            send(gateway, message())
        assert (provider.forged, provider.texts) == (1, {})

    def test_has_its_outcome_for_each_text(self, gateway: HttpGateway, provider: TextProvider) -> None:
        provider.state_of = {"+861": "rejected", "+862": "busy", "+863": "odd"}
        results = send(gateway, *[message(msisdn=to) for to in ("+861", "+862", "+863", NUMBER)])
        assert [result.outcome for result in results] == [
            Outcome.REFUSED,
            Outcome.TRY_LATER,
            Outcome.UNKNOWN,
            Outcome.SENT,
        ]
        assert results[0].reason == "because rejected"


class TestTrouble:
    @pytest.mark.parametrize("trouble", ["hang", "cut", "trickle", "endless", "garbage", "500", "502", "redirect"])
    def test_leaves_unknown_what_may_have_left(
        self, gateway: HttpGateway, provider: TextProvider, trouble: str
    ) -> None:
        provider.trouble = trouble
        started = time.monotonic()
        results = send(gateway, message(), message(), seconds=0.5)
        assert time.monotonic() - started < 2
        assert [result.outcome for result in results] == [Outcome.UNKNOWN] * 2
        assert all(result.reason for result in results)

    @pytest.mark.parametrize("trouble", ["401", "403", "404", "429", "503"])
    def test_is_no_try_when_nothing_was_taken(self, gateway: HttpGateway, provider: TextProvider, trouble: str) -> None:
        provider.trouble = trouble
        with pytest.raises(GatewayUnavailable, match=f"HTTP {trouble}"):
            send(gateway, message())

    def test_is_a_defect_when_a_text_cannot_be_read(self, gateway: HttpGateway, provider: TextProvider) -> None:
        provider.trouble = "422"
        with pytest.raises(RequestWrong):
            send(gateway, message())

    def test_is_no_try_when_nobody_is_there(self, gateway: HttpGateway, provider: TextProvider) -> None:
        provider.close()
        with pytest.raises(GatewayUnavailable, match="nobody is there"):
            send(gateway, message())

    def test_is_a_gateway_without_an_address(self, gateway: HttpGateway, settings: Settings) -> None:
        settings.SMS_HTTP_URL = ""
        with pytest.raises(GatewayUnavailable, match="not set"):
            send(gateway, message())
