"""Rates, reports, wordings and wishes when several come at once. Each race that has a guard has its control."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from messaging.gateways import forget_gateways
from messaging.models import GatewayPace, NetworkMessage, ReportState, Sms, SmsWording, TextPreference
from messaging.operations import gateway_pace
from messaging.operations.delivery_reports import DeliveryReport, ReportedText, note_network_ids, record_report
from messaging.operations.gateway_pace import take_room
from messaging.operations.set_text_preference import set_text_preference
from messaging.operations.word_texts import word_text
from tests.factories.messaging import NOW, make_line, queue_text
from tests.races import meet_after, outcomes

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 4


@pytest.fixture(autouse=True)
def gateways(settings: Settings) -> Iterator[None]:
    settings.SMS_GATEWAY = "memory"
    forget_gateways()
    yield
    forget_gateways()


class TestTakingRoomAtOnce:
    def given(self, settings: Settings) -> int:
        """Return how many texts four workers may send in one second of ten parts."""
        settings.SMS_RATES = {"memory": 10.0}
        start = NOW - timedelta(seconds=1)
        GatewayPace.objects.create(gateway="memory", free_at=start, look_at=start)
        rooms: list[int] = []
        ended = outcomes(
            lambda _number: rooms.append(take_room(gateway="memory", texts=500, now=NOW).texts), times=WORKERS
        )
        assert ended == {"OK": WORKERS}
        return sum(rooms)

    def test_keeps_to_the_rate(self, settings: Settings) -> None:
        assert self.given(settings) == 11

    def test_would_not_without_the_lock(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        def read_only(gateway: str, _now: object) -> GatewayPace:
            return GatewayPace.objects.get(gateway=gateway)

        monkeypatch.setattr(gateway_pace, "_lock", meet_after(read_only, times=WORKERS))
        assert self.given(settings) == 10 * WORKERS


class TestAReportThatMeetsItsAnswer:
    def test_is_never_lost(self) -> None:
        line = make_line()
        for number in range(20):
            sms = queue_text(line)
            Sms.objects.filter(id=sms.id).update(state="SENT", attempts=1, sent_at=NOW)
            message_id = f"id-{number}"
            met = threading.Barrier(2)

            def act(side: int, sms: Sms = sms, message_id: str = message_id, met: threading.Barrier = met) -> None:
                met.wait(10)
                if side:
                    record_report(report=DeliveryReport("memory", message_id, ReportState.DELIVERED), now=NOW)
                else:
                    known = ReportedText(sms.account_id, sms.id, 1, (message_id,))
                    note_network_ids(gateway="memory", texts=[known], now=NOW)

            assert outcomes(act, times=2) == {"OK": 2}
        assert list(Sms.objects.values_list("state", flat=True)) == ["DELIVERED"] * 20
        assert NetworkMessage.objects.count() == 20


class TestWordingATextAtOnce:
    def test_keeps_one_and_tells_the_other(self) -> None:
        def word(number: int) -> None:
            word_text(
                template_key="BILL_READY",
                language="zh-hans",
                words=f"{{month}}账单{{total}}元。{number}",
                based_on_version=0,
                written_by=str(number),
                now=NOW,
            )

        assert outcomes(word, times=WORKERS) == {"OK": 1, "WORDING_CHANGED_MEANWHILE": WORKERS - 1}
        assert SmsWording.objects.count() == 1


class TestWishingAtOnce:
    def test_leaves_one_of_the_wishes(self) -> None:
        line = make_line()

        def wish(number: int) -> None:
            set_text_preference(
                account_id=line.account_id,
                msisdn=line.msisdn,
                unwanted_groups=["USAGE"] if number % 2 else [],
                quiet_hours=None,
                now=NOW,
            )

        assert outcomes(wish, times=WORKERS) == {"OK": WORKERS}
        assert TextPreference.objects.count() == 1
