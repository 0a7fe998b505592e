import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from partners.gateways.post_event import NotTaken, post_event
from tests.networks.hub_receiver import HubReceiver

BODY = '{"eventType": "充值"}'.encode()


@pytest.fixture
def receiver() -> Iterator[HubReceiver]:
    there = HubReceiver()
    yield there
    there.close()


def send(url: str, seconds: float = 5.0) -> None:
    post_event(url=url, body=BODY, headers={"webhook-id": "1"}, timeout_seconds=seconds)


class TestPostEvent:
    def test_posts_to_the_address_that_was_looked_at(
        self, receiver: HubReceiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answers = iter([["127.0.0.1"], ["10.0.0.1"]])

        def look_up(host: str, port: int, *_more: Any, **_options: Any) -> list[Any]:
            # A name that is rebound: it stands for something else each time it is looked up.
            if host == "127.0.0.1":
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        send(receiver.url.replace("127.0.0.1", "partner.example.com"))
        [(headers, body)] = receiver.requests
        assert (headers[":path"], headers["host"]) == ("/events?of=hall", f"partner.example.com:{receiver.port}")
        assert (headers["webhook-id"], body) == ("1", BODY)
        assert next(answers) == ["10.0.0.1"]

    @pytest.mark.parametrize(
        ("trouble", "reason", "is_about_event"),
        [
            ("500", "HTTP 500", False),
            ("429", "HTTP 429", False),
            ("404", "HTTP 404", False),
            ("400", "HTTP 400", True),
            ("422", "HTTP 422", True),
            ("redirect", "HTTP 307: redirects are not followed", False),
            ("cut", "no answer: BadStatusLine", False),
            ("endless", "no answer: HTTPException", False),
            ("hang", "no answer in time", False),
            ("trickle", "no answer in time", False),
        ],
    )
    def test_says_why_it_was_not_taken(
        self, receiver: HubReceiver, trouble: str, reason: str, is_about_event: bool
    ) -> None:
        receiver.trouble = trouble
        began = time.monotonic()
        with pytest.raises(NotTaken) as refusal:
            send(receiver.url, 0.5 if "time" in reason else 10.0)
        assert (str(refusal.value), refusal.value.is_about_event) == (reason, is_about_event)
        assert time.monotonic() - began < 5
        assert len(receiver.requests) == 1

    def test_says_that_nobody_is_there(self, receiver: HubReceiver) -> None:
        receiver.close()
        with pytest.raises(NotTaken, match="no answer: ConnectionRefusedError"):
            send(receiver.url)

    def test_sends_nothing_where_nothing_may_be_sent(self, receiver: HubReceiver) -> None:
        with pytest.raises(NotTaken, match="not in the public internet"):
            send("http://10.0.0.1/events")
        with pytest.raises(NotTaken, match="https://"):
            send("ftp://127.0.0.1/events")

    def test_trusts_no_certificate_that_nobody_vouches_for(self, receiver: HubReceiver) -> None:
        with pytest.raises(NotTaken, match=r"TLS|no answer"):
            send(receiver.url.replace("http://", "https://"), 2.0)
        assert receiver.requests == []
