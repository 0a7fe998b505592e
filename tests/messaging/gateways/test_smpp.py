"""The SMPP gateway against a message centre that hangs, throttles, refuses, is cut, or talks nonsense."""

import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from messaging.gateways.base import GatewayUnavailable, Outcome, OutgoingSms, SendResult
from messaging.gateways.smpp import SmppGateway
from tests.factories.messaging import NOW
from tests.networks.message_centre import GARBAGE, MessageCentre, Submitted

NUMBER = "+8613800138000"


@pytest.fixture
def centre(settings: Settings) -> Iterator[MessageCentre]:
    centre = MessageCentre()
    settings.SMPP_HOST, settings.SMPP_PORT = "127.0.0.1", centre.port
    settings.SMPP_SYSTEM_ID, settings.SMPP_PASSWORD = "hall", centre.password
    yield centre
    centre.close()


@pytest.fixture
def gateway(centre: MessageCentre) -> Iterator[SmppGateway]:
    gateway = SmppGateway()
    yield gateway
    gateway.close()


def message(body: str = "Hello", **fields: object) -> OutgoingSms:
    return OutgoingSms(message_id=uuid.uuid4(), msisdn=NUMBER, body=body, **fields)  # type: ignore[arg-type]


def send(gateway: SmppGateway, *messages: OutgoingSms, seconds: float = 5.0) -> list[SendResult]:
    return gateway.send(messages, now=NOW, timeout_seconds=seconds)


def outcomes(results: list[SendResult]) -> list[Outcome]:
    return [result.outcome for result in results]


class TestASubmit:
    def test_says_who_to_whom_until_when_and_asks_for_a_receipt(
        self, gateway: SmppGateway, centre: MessageCentre
    ) -> None:
        send(gateway, message("Hi @ €", expires_at=datetime(2026, 11, 22, 7, 30, 5, tzinfo=UTC)))
        (submit,) = centre.submitted
        assert (submit.source, submit.to, submit.registered) == ("10086", "8613800138000", 1)
        assert (submit.coding, submit.octets, submit.validity) == (0, b"Hi \x00 \x1be", "261122073005000+")

    def test_is_ucs2_where_the_gsm_alphabet_ends(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        send(gateway, message("您好😀"))
        (submit,) = centre.submitted
        assert (submit.coding, submit.octets) == (8, "您好😀".encode("utf-16-be"))

    def test_is_one_for_each_part_under_one_reference(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        (result,) = send(gateway, message("长" * 150))
        assert [submit.udh for submit in centre.submitted] == [
            bytes([5, 0, 3, centre.submitted[0].udh[3], 3, number]) for number in (1, 2, 3)
        ]
        assert result.report_ids == ("1", "2", "3")
        assert result.gateway_message_id == "1"

    def test_has_the_same_reference_when_it_is_sent_again(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        again = message("a" * 200)
        send(gateway, again)
        send(gateway, again)
        assert len({submit.udh[3] for submit in centre.submitted}) == 1
        assert centre.received(NUMBER) == ["a" * 200]


class TestTheWindow:
    def test_holds_as_many_unanswered_as_the_settings_say(
        self, gateway: SmppGateway, centre: MessageCentre, settings: Settings
    ) -> None:
        settings.SMPP_WINDOW = 7
        centre.latency_seconds = 0.02
        assert outcomes(send(gateway, *[message() for _number in range(40)])) == [Outcome.SENT] * 40
        assert centre.most_unanswered == 7

    def test_matches_answers_to_texts(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        centre.status_of = lambda _number, submit: 0x0B if submit.words == "7" else 0
        results = send(gateway, *[message(str(number)) for number in range(20)])
        assert [number for number, result in enumerate(results) if result.outcome is Outcome.REFUSED] == [7]
        assert len(centre.submitted) == 19


class TestARefusal:
    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            (0x0B, Outcome.REFUSED),
            (0x01, Outcome.REFUSED),
            (0x14, Outcome.TRY_LATER),
            (0x08, Outcome.TRY_LATER),
            (0x45, Outcome.TRY_LATER),
            (0x400, Outcome.TRY_LATER),
        ],
    )
    def test_is_final_only_where_another_try_would_not_help(
        self, gateway: SmppGateway, centre: MessageCentre, status: int, outcome: Outcome
    ) -> None:
        centre.status_of = lambda _number, _submit: status
        (result,) = send(gateway, message())
        assert result.outcome is outcome
        assert result.reason.startswith(f"0x{status:02x}")
        assert centre.received(NUMBER) == []

    def test_of_a_part_is_one_of_the_text(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        centre.status_of = lambda _number, submit: 0x14 if submit.udh and submit.udh[5] == 2 else 0
        long, short = send(gateway, message("a" * 200), message("b"))
        assert (long.outcome, short.outcome) == (Outcome.TRY_LATER, Outcome.SENT)


class TestThrottling:
    def test_ends_the_batch_at_no_texts_cost(
        self, gateway: SmppGateway, centre: MessageCentre, settings: Settings
    ) -> None:
        settings.SMPP_WINDOW = 5
        centre.status_of = lambda number, _submit: 0x58 if number > 10 else 0
        results = send(gateway, *[message(str(number)) for number in range(100)])
        assert outcomes(results) == [Outcome.SENT] * 10 + [Outcome.NOT_TRIED] * 90
        assert results[-1].reason.startswith("0x58")
        assert len(centre.submitted) == 10

    def test_does_not_lose_the_connection(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        centre.status_of = lambda _number, _submit: 0x58
        send(gateway, message())
        centre.status_of = lambda _number, _submit: 0
        assert outcomes(send(gateway, message())) == [Outcome.SENT]
        assert centre.binds == ["transmitter"]


class TestALostConnection:
    @pytest.mark.parametrize("trouble", ["cut", *GARBAGE])
    def test_leaves_unknown_only_what_was_under_way(
        self, gateway: SmppGateway, centre: MessageCentre, settings: Settings, trouble: str
    ) -> None:
        settings.SMPP_WINDOW = 4
        centre.trouble, centre.answers_before_trouble = trouble, 6
        started = time.monotonic()
        found = outcomes(send(gateway, *[message(str(number)) for number in range(50)]))
        assert time.monotonic() - started < 2
        assert found[:3] == [Outcome.SENT] * 3
        assert found[-30:] == [Outcome.NOT_TRIED] * 30
        assert set(found) == {Outcome.SENT, Outcome.UNKNOWN, Outcome.NOT_TRIED}
        assert found.count(Outcome.UNKNOWN) <= 4

    def test_is_opened_anew_for_the_next_batch(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        send(gateway, message("one"))
        centre.hang_up()
        time.sleep(0.05)
        assert outcomes(send(gateway, message("two"))) == [Outcome.SENT]
        assert (centre.received(NUMBER), len(centre.binds)) == (["one", "two"], 2)

    def test_ends_a_hanging_batch_in_time(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        centre.trouble = "hang"
        started = time.monotonic()
        results = send(gateway, message(), message(), seconds=0.3)
        assert 0.25 < time.monotonic() - started < 1.5
        assert [(result.outcome, result.reason) for result in results] == [(Outcome.UNKNOWN, "no answer in time")] * 2
        centre.trouble = ""
        assert outcomes(send(gateway, message())) == [Outcome.SENT]
        assert len(centre.binds) == 2

    def test_is_noticed_after_a_rest(
        self, gateway: SmppGateway, centre: MessageCentre, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("messaging.gateways.smpp._QUIET_SECONDS", 0.0)
        send(gateway, message())
        send(gateway, message())
        assert (centre.enquiries, len(centre.binds)) == (1, 1)

    def test_answers_what_the_centre_asked_meanwhile(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        send(gateway, message())
        centre.sessions[0].enquire()
        time.sleep(0.05)
        assert outcomes(send(gateway, message())) == [Outcome.SENT]

    def test_is_not_shared_with_a_child_process(
        self, gateway: SmppGateway, centre: MessageCentre, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send(gateway, message())
        monkeypatch.setattr("messaging.gateways.smpp_link.os.getpid", lambda: os.getppid())
        send(gateway, message())
        assert len(centre.binds) == 2


class TestNobodyThere:
    def test_is_no_try_of_any_text(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        centre.close()
        with pytest.raises(GatewayUnavailable, match="refused"):
            send(gateway, message())

    def test_is_a_wrong_password(self, gateway: SmppGateway, centre: MessageCentre, settings: Settings) -> None:
        settings.SMPP_PASSWORD = "wrong"
        with pytest.raises(GatewayUnavailable, match="bind refused: 0x0e"):
            send(gateway, message())

    def test_is_a_centre_without_an_address(self, gateway: SmppGateway, settings: Settings) -> None:
        settings.SMPP_HOST = ""
        with pytest.raises(GatewayUnavailable, match="HALL_SMPP_HOST"):
            send(gateway, message())

    def test_is_no_secret_in_what_is_said(self, gateway: SmppGateway, centre: MessageCentre) -> None:
        def refuse(_number: int, _submit: Submitted) -> int:
            return 0x08

        centre.status_of = refuse
        (result,) = send(gateway, message("482913"))
        assert "482913" not in result.reason
