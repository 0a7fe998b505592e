import itertools
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from messaging.gateways.base import Outcome, OutgoingSms, SendResult
from messaging.gateways.memory import MemoryGateway
from messaging.models import NetworkMessage, ReportState, Sms, SmsState
from messaging.operations.deliver_sms import deliver_due_sms
from messaging.operations.delivery_reports import (
    DeliveryReport,
    ReportedText,
    forget_old_network_ids,
    note_network_ids,
    record_report,
)
from tests.factories.messaging import NOW, make_line, queue_text

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=3)


def report(
    message_id: str, state: str = "DELIVERED", reason: str = "", reported_at: datetime | None = None
) -> DeliveryReport:
    return DeliveryReport("memory", message_id, ReportState(state), reason, reported_at)


def tell(message_id: str, state: str = "DELIVERED", reason: str = "", now: datetime = LATER) -> None:
    record_report(report=report(message_id, state, reason), now=now)


@pytest.fixture
def sms(gateway: MemoryGateway) -> Sms:
    """A text of two parts that the network took as "a" and "b"."""

    def script(_message: OutgoingSms) -> SendResult:
        return SendResult(Outcome.SENT, gateway_message_id="a", report_ids=("a", "b"))

    gateway.script = script
    sms = queue_text(make_line())
    Sms.objects.update(parts=2)
    deliver_due_sms(now=NOW, limit=500)
    sms.refresh_from_db()
    assert sms.state == SmsState.SENT
    return sms


def facts(sms: Sms) -> tuple[str, datetime | None, str]:
    sms.refresh_from_db()
    return sms.state, sms.delivered_at, sms.last_error


class TestRecordReport:
    def test_is_delivered_when_every_part_is(self, sms: Sms) -> None:
        tell("b")
        assert facts(sms) == ("SENT", None, "")
        tell("a")
        assert facts(sms) == ("DELIVERED", LATER, "")

    def test_is_undelivered_when_one_part_is_not(self, sms: Sms) -> None:
        tell("a")
        tell("b", "UNDELIVERED", "EXPIRED 27")
        assert facts(sms) == ("UNDELIVERED", None, "EXPIRED 27")

    def test_believes_a_late_delivery(self, sms: Sms) -> None:
        tell("a", "UNDELIVERED", "UNDELIV")
        tell("a")
        tell("b")
        assert facts(sms) == ("DELIVERED", LATER, "")

    def test_ends_with_delivered_in_whatever_order_reports_come(self, gateway: MemoryGateway, sms: Sms) -> None:
        reports = [("a", "DELIVERED"), ("b", "DELIVERED"), ("a", "UNDELIVERED"), ("b", "UNDELIVERED")]
        orders = list(itertools.permutations(reports))
        assert len(orders) == 24
        for order in orders:
            Sms.objects.update(state="SENT", delivered_parts=0, delivered_at=None, last_error="")
            NetworkMessage.objects.update(state="", reason="")
            for message_id, state in order:
                tell(message_id, state, "UNDELIV")
            assert facts(sms) == ("DELIVERED", LATER, "")

    def test_changes_nothing_when_it_is_repeated(self, sms: Sms) -> None:
        for _time in range(3):
            tell("a")
            tell("b")
        before = facts(sms)
        tell("a", now=LATER + timedelta(days=1))
        tell("b", "UNDELIVERED", now=LATER + timedelta(days=1))
        assert facts(sms) == before == ("DELIVERED", LATER, "")

    def test_is_kept_when_it_overtakes_the_answer(self, gateway: MemoryGateway) -> None:
        def script(message: OutgoingSms) -> SendResult:
            tell("quick", now=NOW)
            return SendResult(Outcome.SENT, gateway_message_id="quick", report_ids=("quick",))

        gateway.script = script
        sms = queue_text(make_line())
        deliver_due_sms(now=NOW, limit=500)
        assert facts(sms) == ("DELIVERED", NOW, "")

    def test_harms_nothing_when_nobody_knows_the_id(self, sms: Sms) -> None:
        tell("stranger")
        tell("stranger", "UNDELIVERED", "x" * 500)
        tell("y" * 500)
        assert facts(sms) == ("SENT", None, "")

    def test_is_of_its_own_gateway_only(self, sms: Sms) -> None:
        record_report(report=DeliveryReport("smpp", "a", ReportState.DELIVERED), now=LATER)
        sms.refresh_from_db()
        assert sms.delivered_parts == 0

    def test_takes_the_networks_time_but_none_to_come(self, sms: Sms) -> None:
        record_report(report=report("a", reported_at=NOW + timedelta(seconds=5)), now=LATER)
        record_report(report=report("b", reported_at=LATER + timedelta(days=300)), now=LATER)
        assert facts(sms) == ("DELIVERED", LATER, "")

    def test_does_not_wake_a_text_that_was_set_aside(self, sms: Sms) -> None:
        Sms.objects.update(state=SmsState.PARKED)
        tell("a")
        tell("b")
        assert facts(sms)[0] == "PARKED"


class TestNoteNetworkIds:
    def test_gives_an_id_that_comes_again_to_the_newer_text(self, gateway: MemoryGateway, sms: Sms) -> None:
        tell("a")
        tell("b")
        newer = queue_text(make_line())
        Sms.objects.filter(id=newer.id).update(state="SENT", attempts=1, sent_at=NOW)
        note_network_ids(gateway="memory", texts=[ReportedText(newer.account_id, newer.id, 1, ("a",))], now=LATER)
        assert facts(newer)[0] == "SENT"
        tell("a", now=LATER)
        assert facts(newer) == ("DELIVERED", LATER, "")

    def test_takes_one_id_for_all_parts(self, gateway: MemoryGateway) -> None:
        gateway.script = lambda _message: SendResult(Outcome.SENT, report_ids=("whole",))
        sms = queue_text(make_line())
        Sms.objects.update(parts=3)
        deliver_due_sms(now=NOW, limit=500)
        tell("whole")
        assert facts(sms) == ("DELIVERED", LATER, "")

    def test_may_be_repeated(self, sms: Sms) -> None:
        tell("a")
        note_network_ids(gateway="memory", texts=[ReportedText(sms.account_id, sms.id, 2, ("a", "b"))], now=LATER)
        tell("b")
        assert facts(sms)[0] == "DELIVERED"


class TestForgetOldNetworkIds:
    def test_forgets_what_is_too_old_for_a_report(self, sms: Sms, settings: Settings) -> None:
        settings.SMS_REPORT_DAYS = 7
        assert forget_old_network_ids(now=NOW + timedelta(days=7)) == 0
        assert forget_old_network_ids(now=NOW + timedelta(days=7, seconds=1)) == 2
        tell("a", now=NOW + timedelta(days=8))
        assert facts(sms)[0] == "SENT"
