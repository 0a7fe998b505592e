"""Receipts and customers' texts over a real connection, through to what they change."""

import struct
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from pytest_django import Settings

from channels.operations.keep_customer_text import keep_customer_text
from messaging.gateways import forget_gateways
from messaging.models import Inbound, Sms, SmsState
from messaging.operations.deliver_sms import deliver_due_sms
from messaging.operations.listen_to_network import listen_to_network
from tests.factories.messaging import NOW, make_line, queue_text
from tests.networks.message_centre import MessageCentre

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(minutes=2)
RECEIPT = 0x04


@pytest.fixture
def centre(settings: Settings) -> Iterator[MessageCentre]:
    centre = MessageCentre()
    settings.SMS_GATEWAY = "smpp"
    settings.SMPP_HOST, settings.SMPP_PORT = "127.0.0.1", centre.port
    settings.SMPP_SYSTEM_ID, settings.SMPP_PASSWORD = "hall", centre.password
    forget_gateways()
    yield centre
    forget_gateways()
    centre.close()


@pytest.fixture
def listener(centre: MessageCentre) -> Iterator[Callable[[], None]]:
    """A receiver at work; what it yields makes the database fail until it is called again."""
    stopped, failing = threading.Event(), threading.Event()

    def keep(**text: object) -> None:
        if failing.is_set():
            raise RuntimeError("the database is away")
        keep_customer_text(gateway="smpp", **text)  # type: ignore[arg-type]

    def run() -> None:
        listen_to_network(keep_text=keep, clock=lambda: LATER, until=stopped.is_set)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield lambda: failing.clear() if failing.is_set() else failing.set()
    stopped.set()
    thread.join(timeout=10)


def receipt(message_id: str, state: str = "DELIVRD", error: str = "000") -> bytes:
    return (
        f"id:{message_id} sub:001 dlvrd:001 submit date:2611221430 done date:2611221431 stat:{state} err:{error} text:"
    ).encode()


def send_one(body: str = "您好") -> Sms:
    sms = queue_text(make_line())
    Sms.objects.filter(id=sms.id).update(body=body)
    deliver_due_sms(now=NOW, limit=500)
    sms.refresh_from_db()
    assert sms.state == SmsState.SENT
    return sms


@pytest.mark.usefixtures("listener")
class TestAReceipt:
    def deliver(self, centre: MessageCentre, octets: bytes, tlvs: bytes = b"") -> int:
        return centre.deliver(source="8613800138000", to="10086", octets=octets, esm_class=RECEIPT, tlvs=tlvs)

    def test_marks_the_text_as_delivered_when_the_network_says(self, centre: MessageCentre) -> None:
        sms = send_one()
        assert self.deliver(centre, receipt(sms.gateway_message_id)) == 0
        sms.refresh_from_db()
        assert (sms.state, sms.delivered_at) == (SmsState.DELIVERED, NOW + timedelta(minutes=1))

    def test_says_why_a_text_was_not_delivered(self, centre: MessageCentre) -> None:
        sms = send_one()
        self.deliver(centre, receipt(sms.gateway_message_id, "UNDELIV", "027"))
        sms.refresh_from_db()
        assert (sms.state, sms.last_error) == (SmsState.UNDELIVERED, "UNDELIV 27")

    def test_believes_the_fields_where_the_text_says_nothing(self, centre: MessageCentre) -> None:
        sms = send_one()
        known = sms.gateway_message_id.encode() + b"\0"
        tlvs = struct.pack(">HH", 0x1E, len(known)) + known + struct.pack(">HHB", 0x427, 1, 2)
        unknown_field = struct.pack(">HH", 0x1501, 3) + b"abc"
        assert self.deliver(centre, b"", unknown_field + tlvs) == 0
        sms.refresh_from_db()
        assert sms.state == SmsState.DELIVERED

    @pytest.mark.parametrize("state", ["ACCEPTD", "ENROUTE", "NONSENSE"])
    def test_changes_nothing_while_a_text_is_under_way(self, centre: MessageCentre, state: str) -> None:
        sms = send_one()
        assert self.deliver(centre, receipt(sms.gateway_message_id, state)) == 0
        sms.refresh_from_db()
        assert sms.state == SmsState.SENT

    def test_is_refused_for_good_when_it_is_for_nothing(self, centre: MessageCentre) -> None:
        assert self.deliver(centre, b"hello") == 0x66


class TestACustomersText:
    @pytest.mark.parametrize(
        ("octets", "coding", "words"),
        [
            (b"CXYE", 0, "CXYE"),
            (b"CZ\x23\x1be", 0, "CZ#€"),
            ("是 4821".encode("utf-16-be"), 8, "是 4821"),
            ("caf\xe9".encode("latin-1"), 3, "café"),
        ],
    )
    @pytest.mark.usefixtures("listener")
    def test_is_kept_as_it_was_typed(self, centre: MessageCentre, octets: bytes, coding: int, words: str) -> None:
        line = make_line()
        assert centre.deliver(source=line.msisdn[1:], to="10086", octets=octets, coding=coding) == 0
        inbound = Inbound.objects.get()
        assert (inbound.account_id, inbound.from_msisdn, inbound.to_number) == (line.account_id, line.msisdn, "10086")
        assert (inbound.body, inbound.received_at) == (words, LATER)

    @pytest.mark.usefixtures("listener")
    def test_of_a_stranger_is_taken_and_forgotten(self, centre: MessageCentre) -> None:
        assert centre.deliver(source="447700900123", to="10086", octets=b"CXYE") == 0
        assert centre.deliver(source="8613900000000", to="10086", octets=b"CXYE") == 0
        assert Inbound.objects.count() == 0

    def test_stays_with_the_network_until_it_is_committed(
        self, centre: MessageCentre, listener: Callable[[], None]
    ) -> None:
        send = partial(centre.deliver, source=make_line().msisdn[1:], to="10086", octets=b"CXYE")
        listener()
        assert send() == 0x64
        assert Inbound.objects.count() == 0
        listener()
        assert send() == 0
        assert Inbound.objects.count() == 1


@pytest.mark.usefixtures("listener")
class TestTheReceiver:
    def test_comes_back_after_the_connection_is_lost(self, centre: MessageCentre) -> None:
        centre.wait_for_receiver()
        centre.hang_up()
        time.sleep(0.05)
        line = make_line()
        assert centre.deliver(source=line.msisdn[1:], to="10086", octets=b"CXYE") == 0
        assert centre.binds == ["receiver", "receiver"]

    def test_answers_the_centres_enquiries(self, centre: MessageCentre) -> None:
        session = centre.wait_for_receiver()
        session.enquire()
        assert centre.deliver(source="8613900000000", to="10086", octets=b"x") == 0
