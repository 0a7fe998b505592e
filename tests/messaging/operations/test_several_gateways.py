"""Gateways in line: the next takes over while those before it are down. And SMPP, from the outbox to the far end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from messaging.gateways import forget_gateways, get_breaker, get_gateway
from messaging.gateways.base import GatewayUnavailable, OutgoingSms, SendResult
from messaging.gateways.memory import MemoryGateway, take
from messaging.models import Sms, SmsState
from messaging.operations.deliver_sms import Delivery, deliver_due_sms, recover_lost_sms
from tests.factories.messaging import NOW, make_line, queue_text
from tests.networks.message_centre import MessageCentre

pytestmark = pytest.mark.django_db

SPARE = "tests.messaging.operations.test_several_gateways.SpareGateway"


class SpareGateway(MemoryGateway):
    """Another way out."""

    name = "spare"


def down(_message: OutgoingSms) -> SendResult:
    raise GatewayUnavailable("down")


def memory(path: str) -> MemoryGateway:
    gateway = get_gateway(path)
    assert isinstance(gateway, MemoryGateway)
    return gateway


class TestTwoGateways:
    @pytest.fixture(autouse=True)
    def in_line(self, settings: Settings) -> Iterator[None]:
        settings.SMS_GATEWAY = f"memory, {SPARE}"
        forget_gateways()
        yield
        forget_gateways()

    @property
    def first(self) -> MemoryGateway:
        return memory("messaging.gateways.memory.MemoryGateway")

    @property
    def spare(self) -> MemoryGateway:
        return memory(SPARE)

    def test_are_used_in_their_order(self) -> None:
        sms = queue_text(make_line())
        deliver_due_sms(now=NOW, limit=500)
        sms.refresh_from_db()
        assert (len(self.first.sent), len(self.spare.sent), sms.gateway) == (1, 0, "memory")

    def test_take_over_from_each_other_and_give_back(self) -> None:
        self.first.script = down
        line = make_line()
        sms = queue_text(line)
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(1, 0)
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(1, 1)
        sms.refresh_from_db()
        assert (sms.state, sms.attempts, sms.gateway) == (SmsState.SENT, 1, "spare")
        self.first.script = take
        get_breaker("messaging.gateways.memory.MemoryGateway").open_until = 0.0
        queue_text(line)
        deliver_due_sms(now=NOW, limit=500)
        assert (len(self.first.sent), len(self.spare.sent)) == (1, 1)

    def test_rest_together_when_both_are_down(self) -> None:
        self.first.script = self.spare.script = down
        sms = queue_text(make_line())
        assert [deliver_due_sms(now=NOW, limit=500).claimed for _look in range(3)] == [1, 1, 0]
        sms.refresh_from_db()
        assert (sms.state, sms.attempts) == (SmsState.QUEUED, 0)

    def test_have_rates_of_their_own(self, settings: Settings) -> None:
        settings.SMS_RATES = {"memory": 1.0}
        line = make_line()
        for _number in range(3):
            queue_text(line)
        assert deliver_due_sms(now=NOW, limit=500).sent == 1
        self.first.script = down
        assert deliver_due_sms(now=NOW + timedelta(seconds=1), limit=500).sent == 0
        assert deliver_due_sms(now=NOW + timedelta(seconds=1), limit=500).sent == 2


class TestSmpp:
    @pytest.fixture(autouse=True)
    def centre(self, settings: Settings) -> Iterator[MessageCentre]:
        centre = MessageCentre()
        settings.SMS_GATEWAY = "smpp"
        settings.SMPP_HOST, settings.SMPP_PORT = "127.0.0.1", centre.port
        settings.SMPP_SYSTEM_ID, settings.SMPP_PASSWORD, settings.SMPP_WINDOW = "hall", centre.password, 5
        settings.SMS_SEND_TIMEOUT = 0.5
        forget_gateways()
        yield centre
        forget_gateways()
        centre.close()

    @staticmethod
    def wake() -> None:
        get_breaker().open_until = 0.0

    def test_throttles_without_costing_a_try(self, centre: MessageCentre) -> None:
        centre.status_of = lambda number, _submit: 0x58 if number > 3 else 0
        line = make_line()
        texts = [queue_text(line, key=str(number)) for number in range(10)]
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(10, 3)
        assert get_breaker().is_open
        assert set(Sms.objects.filter(state="QUEUED").values_list("attempts", flat=True)) == {0}
        centre.status_of = lambda _number, _submit: 0
        self.wake()
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(1, 1)
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(6, 6)
        assert len(centre.submitted) == len(texts)

    def test_hangs_and_loses_nothing(self, centre: MessageCentre) -> None:
        centre.trouble, centre.answers_before_trouble = "hang", 2
        line = make_line()
        for number in range(8):
            queue_text(line, key=str(number))
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(8, 2)
        assert get_breaker().is_open
        states = sorted(Sms.objects.values_list("state", flat=True))
        assert states == ["QUEUED"] + ["SENDING"] * 5 + ["SENT"] * 2
        centre.trouble = ""
        self.wake()
        later = NOW + timedelta(seconds=31)
        while recover_lost_sms(now=later).claimed or deliver_due_sms(now=later, limit=500).claimed:
            pass
        assert set(Sms.objects.values_list("state", flat=True)) == {"SENT"}

    @pytest.mark.parametrize("trouble", ["length 0", "length 2^31", "HTTP", "cut"])
    def test_talks_nonsense_and_is_left_alone(self, centre: MessageCentre, trouble: str) -> None:
        centre.trouble = trouble
        sms = queue_text(make_line())
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(1, 0)
        sms.refresh_from_db()
        assert (sms.state, sms.attempts, get_breaker().is_open) == (SmsState.SENDING, 1, True)
