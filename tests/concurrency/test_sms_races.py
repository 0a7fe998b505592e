"""Workers side by side. Each race has a control: the same trial without its guard comes out wrong."""

import uuid
from collections import Counter
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import Line
from channels.capabilities import summary
from channels.models import Interaction
from channels.operations import answer_inbound as answering
from messaging.gateways import forget_gateways
from messaging.gateways.memory import MemoryGateway
from messaging.models import Inbound, Sms
from messaging.operations import deliver_sms
from messaging.operations.deliver_sms import Delivery, deliver_due_sms, recover_lost_sms
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.queries.texts import is_text_queued_since
from tests.factories.billing import make_line
from tests.factories.messaging import NOTICE, NOW, memory_gateway, queue_text, receive_call, receive_text
from tests.races import meet_after, outcomes

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 4
TEXTS = 200
BATCH = 40


@pytest.fixture
def gateway(settings: Settings) -> Iterator[MemoryGateway]:
    """A fresh memory gateway in use."""
    settings.SMS_GATEWAY = "messaging.gateways.memory.MemoryGateway"
    forget_gateways()
    yield memory_gateway()
    forget_gateways()


def queue_texts(line: Line, count: int) -> int:
    return queue_sms_batch(
        requests=[
            SmsRequest(line.account_id, line.msisdn, NOTICE, "en", {"name": str(number)}, f"race:{number}")
            for number in range(count)
        ],
        now=NOW,
    )


class TestWorkersThatDrainAtOnce:
    @staticmethod
    def drain(_number: int) -> None:
        """What a worker does: look until two looks in a row find nothing."""
        empty_looks = 0
        while empty_looks < 2:
            empty_looks = 0 if deliver_due_sms(now=NOW, limit=BATCH).claimed else empty_looks + 1

    def send_from_everywhere(self, gateway: MemoryGateway) -> Counter[int]:
        """Return how many texts were sent how many times."""
        gateway.sent.clear()
        queue_texts(make_line(), TEXTS)
        assert outcomes(self.drain, times=WORKERS) == {"OK": WORKERS}
        return Counter(Counter(message.message_id for message in gateway.sent).values())

    def test_send_each_text_once(self, gateway: MemoryGateway) -> None:
        assert self.send_from_everywhere(gateway) == {1: TEXTS}
        assert Counter(Sms.objects.values_list("state", "attempts")) == {("SENT", 1): TEXTS}

    def test_would_send_some_twice_without_looking_again(
        self, gateway: MemoryGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looks_again = "WHERE state = 'QUEUED'\n       AND (account_id"
        assert deliver_sms._CLAIM_DUE.count(looks_again) == 1
        # And all see the same texts due before any of them claims.
        due = "FROM messaging_sms\n"
        assert deliver_sms._CLAIM_DUE.count(due) == 1
        blind = deliver_sms._CLAIM_DUE.replace(looks_again, "WHERE (account_id")
        slow = blind.replace(due, "FROM messaging_sms, pg_sleep(0.5)\n")
        monkeypatch.setattr(deliver_sms, "_CLAIM_DUE", slow)
        assert self.send_from_everywhere(gateway) != {1: TEXTS}

    def test_recover_a_lost_text_once(self, gateway: MemoryGateway) -> None:
        sms = queue_text(make_line())
        Sms.objects.update(state="SENDING", attempts=1, lease_until=NOW)
        found: list[Delivery] = []
        outcomes(lambda _number: found.append(recover_lost_sms(now=NOW)), times=WORKERS)
        assert sorted(delivery.claimed for delivery in found) == [0] * (WORKERS - 1) + [1]
        assert [message.message_id for message in gateway.sent] == [sms.id]


class TestQueueingAtOnce:
    def test_leaves_one_text_per_reason(self) -> None:
        line = make_line()
        queued: list[int] = []
        assert outcomes(lambda _number: queued.append(queue_texts(line, 50)), times=8) == {"OK": 8}
        assert (sum(queued), Sms.objects.count()) == (50, 50)


class TestAnsweringATextAtOnce:
    @staticmethod
    def uses() -> int:
        """Answer one text from three workers and return how many uses that was counted as."""
        line = make_line(cash_fen=10_00)
        inbound_id = receive_text(line, "CXYE")
        outcomes(
            lambda _number: answering.answer_inbound(account_id=line.account_id, inbound_id=inbound_id, now=NOW),
            times=3,
        )
        return Interaction.objects.filter(account_id=line.account_id).count()

    def test_is_one_answer(self) -> None:
        assert self.uses() == 1
        assert Sms.objects.count() == 1
        assert Inbound.objects.get().answered_at == NOW

    def test_would_be_several_without_the_lock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def read_only(*, account_id: uuid.UUID, inbound_id: uuid.UUID) -> Inbound:
            return Inbound.objects.get(account_id=account_id, id=inbound_id)

        monkeypatch.setattr(answering, "lock_unanswered", meet_after(read_only, times=3))
        assert self.uses() == 3


class TestRingingTwiceAtOnce:
    @staticmethod
    def texts() -> int:
        """Answer four calls from four workers and return how many texts came of them."""
        line = make_line()
        calls = [receive_call(line, "1008611") for _number in range(4)]
        ended = outcomes(
            lambda number: answering.answer_inbound(account_id=line.account_id, inbound_id=calls[number], now=NOW),
            times=4,
        )
        assert ended == {"OK": 4}
        return Sms.objects.filter(account_id=line.account_id).count()

    def test_brings_one_text(self) -> None:
        assert self.texts() == 1

    def test_would_bring_several_without_the_lock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(summary, "lock_line", lambda **_line: None)
        monkeypatch.setattr(summary, "is_text_queued_since", meet_after(is_text_queued_since, times=4))
        assert self.texts() == 4
