from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from messaging.gateways.memory import MemoryGateway
from messaging.models import GatewayPace, Sms
from messaging.operations.deliver_sms import Delivery, deliver_due_sms
from messaging.operations.gateway_pace import settle_room, take_room
from tests.factories.messaging import NOW, make_line, queue_text

pytestmark = pytest.mark.django_db


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def rate(settings: Settings) -> float:
    settings.SMS_RATES = {"memory": 10.0}
    return 10.0


class TestTakeRoom:
    def test_asks_nothing_of_the_database_without_a_rate(self) -> None:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            room = take_room(gateway="memory", texts=500, now=NOW)
            settle_room(gateway="memory", room=room, parts=700)
        assert (room.texts, len(asked)) == (500, 0)

    @pytest.mark.usefixtures("rate")
    def test_gives_what_the_rate_allows_and_no_more(self) -> None:
        rooms = [take_room(gateway="memory", texts=500, now=after(number / 10)).texts for number in range(101)]
        assert sum(rooms) == 101

    @pytest.mark.usefixtures("rate")
    def test_makes_no_flood_of_a_pause(self) -> None:
        take_room(gateway="memory", texts=500, now=NOW)
        rooms = [take_room(gateway="memory", texts=500, now=after(3600)).texts for _worker in range(3)]
        assert rooms == [10, 1, 0]

    @pytest.mark.usefixtures("rate")
    def test_tells_one_worker_when_to_look_again(self) -> None:
        take_room(gateway="memory", texts=500, now=NOW)
        looks = [take_room(gateway="memory", texts=500, now=NOW).look_after for _worker in range(3)]
        assert looks == [0.2, None, None]

    @pytest.mark.usefixtures("rate")
    def test_is_not_held_up_by_a_clock_that_was_put_back(self) -> None:
        take_room(gateway="memory", texts=500, now=after(3600))
        assert take_room(gateway="memory", texts=500, now=NOW).texts == 1
        assert take_room(gateway="memory", texts=500, now=NOW).look_after == 0.2

    @pytest.mark.usefixtures("rate")
    def test_keeps_gateways_apart(self) -> None:
        take_room(gateway="memory", texts=500, now=NOW)
        assert take_room(gateway="smpp", texts=500, now=NOW).texts == 500


@pytest.mark.usefixtures("rate")
class TestSettleRoom:
    def test_counts_the_parts_that_left(self) -> None:
        room = take_room(gateway="memory", texts=1, now=NOW)
        settle_room(gateway="memory", room=room, parts=15)
        assert GatewayPace.objects.get().free_at == after(1.5)

    def test_gives_back_what_was_not_used(self) -> None:
        room = take_room(gateway="memory", texts=1, now=NOW)
        settle_room(gateway="memory", room=room, parts=0)
        assert GatewayPace.objects.get().free_at == NOW


@pytest.mark.usefixtures("rate")
class TestAGatewayWithARate:
    def test_is_given_so_many_parts_a_second(self, gateway: MemoryGateway) -> None:
        line = make_line()
        for _number in range(60):
            queue_text(line)
        Sms.objects.update(parts=2)
        sent = 0
        for tenth in range(100):
            sent += deliver_due_sms(now=after(tenth / 10), limit=500).sent
        assert sent == 50  # 10 parts a second for 10 seconds

    def test_looks_again_when_there_is_room(self, gateway: MemoryGateway) -> None:
        line = make_line()
        queue_text(line)
        queue_text(line)
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(1, 1)
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(0, 0, look_after=0.2)
        assert deliver_due_sms(now=after(0.2), limit=500) == Delivery(1, 1)
