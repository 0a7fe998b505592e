from typing import Any

import pytest

from kernel.audit import run_check
from messaging.gateways.base import Outcome, SendResult
from messaging.gateways.memory import MemoryGateway, take
from messaging.models import Sms
from messaging.operations.deliver_sms import deliver_due_sms, retire_hopeless_sms
from messaging.queries.audit import list_checks
from tests.factories.messaging import NOW, REMINDER, SECRET, make_line, queue_text

pytestmark = pytest.mark.django_db

NAMES = [check.name for check in list_checks()]


def violations() -> dict[str, int]:
    return {check.name: run_check(check).violations for check in list_checks()}


@pytest.fixture
def texts(gateway: MemoryGateway) -> None:
    """One text in each state."""
    line = make_line()
    for key, template in (("sent", REMINDER), ("code", SECRET)):
        queue_text(line, key=key, template=template)
    deliver_due_sms(now=NOW, limit=10)
    gateway.script = lambda _message: SendResult(Outcome.REFUSED)
    queue_text(line, key="parked", template=SECRET)
    deliver_due_sms(now=NOW, limit=10)
    gateway.script = lambda _message: SendResult(Outcome.UNKNOWN)
    queue_text(line, key="sending")
    deliver_due_sms(now=NOW, limit=10)
    gateway.script = take
    expired = queue_text(line, key="expired", template=SECRET)
    retire_hopeless_sms(now=expired.expires_at)
    Sms.objects.filter(dedup_key="sending").update(state="SENDING", lease_until=expired.expires_at)
    queue_text(line, key="queued")


@pytest.mark.usefixtures("texts")
class TestListChecks:
    def test_hold_for_what_the_operations_leave(self) -> None:
        assert sorted(Sms.objects.values_list("state", flat=True)) == [
            "EXPIRED",
            "PARKED",
            "QUEUED",
            "SENDING",
            "SENT",
            "SENT",
        ]
        assert violations() == dict.fromkeys(NAMES, 0)

    @pytest.mark.parametrize(
        ("key", "change", "broken"),
        [
            ("sent", {"sent_at": None}, "text_sent_knows_when"),
            ("sent", {"attempts": 0}, "text_sent_knows_when"),
            ("queued", {"sent_at": NOW}, "text_sent_knows_when"),
            ("sent", {"due_at": REMINDER.lifetime + NOW}, "text_sent_in_time"),
            ("sent", {"expires_at": NOW}, "text_sent_in_time"),
            ("code", {"body": "482913"}, "text_secret_is_wiped"),
            ("parked", {"body": "482913"}, "text_secret_is_wiped"),
            ("expired", {"body": "482913"}, "text_secret_is_wiped"),
            ("sending", {"lease_until": None}, "text_claimed_has_a_lease"),
            ("queued", {"lease_until": NOW}, "text_claimed_has_a_lease"),
        ],
    )
    def test_notice_what_must_not_be(self, key: str, change: dict[str, Any], broken: str) -> None:
        Sms.objects.filter(dedup_key=key).update(**change)
        assert violations()[broken] == 1
