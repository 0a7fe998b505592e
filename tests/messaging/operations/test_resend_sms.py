from datetime import timedelta

import pytest

from kernel.errors import NotFound
from messaging.gateways.base import Outcome, SendResult
from messaging.gateways.memory import MemoryGateway, take
from messaging.models import Sms, SmsResend, SmsState
from messaging.operations.deliver_sms import Delivery, deliver_due_sms
from messaging.operations.resend_sms import ReasonMissing, TextNotParked, TextSecret, resend_sms
from messaging.texts import SmsTemplate
from tests.factories.messaging import NOTICE, NOW, SECRET, make_line, queue_text

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=2)


def resend(sms: Sms, reason: str = "network repaired") -> None:
    resend_sms(account_id=sms.account_id, sms_id=sms.id, reason=reason, asked_by="mei", now=LATER)
    sms.refresh_from_db()


def parked(gateway: MemoryGateway, template: SmsTemplate = NOTICE) -> Sms:
    gateway.script = lambda _message: SendResult(Outcome.REFUSED, reason="0x0b invalid destination")
    sms = queue_text(make_line(), template=template)
    deliver_due_sms(now=NOW, limit=500)
    gateway.script = take
    sms.refresh_from_db()
    assert sms.state == SmsState.PARKED
    return sms


class TestResendSms:
    def test_puts_a_parked_text_back_for_as_long_as_its_kind_lasts(self, gateway: MemoryGateway) -> None:
        sms = parked(gateway)
        resend(sms)
        assert (sms.state, sms.attempts, sms.last_error) == (SmsState.QUEUED, 0, "")
        assert (sms.due_at, sms.expires_at) == (LATER, LATER + NOTICE.lifetime)
        assert deliver_due_sms(now=LATER, limit=500) == Delivery(1, 1)

    def test_keeps_who_and_why(self, gateway: MemoryGateway) -> None:
        sms = parked(gateway)
        resend(sms, "  network repaired ")
        kept = SmsResend.objects.get()
        assert (kept.account_id, kept.sms_id, kept.reason) == (sms.account_id, sms.id, "network repaired")
        assert (kept.asked_by, kept.asked_at, kept.parked_for) == ("mei", LATER, "0x0b invalid destination")

    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_wants_a_reason(self, gateway: MemoryGateway, reason: str) -> None:
        sms = parked(gateway)
        with pytest.raises(ReasonMissing):
            resend(sms, reason)
        sms.refresh_from_db()
        assert (sms.state, SmsResend.objects.count()) == (SmsState.PARKED, 0)

    def test_never_sends_a_code_again(self, gateway: MemoryGateway) -> None:
        sms = parked(gateway, SECRET)
        with pytest.raises(TextSecret):
            resend(sms)
        sms.refresh_from_db()
        assert (sms.state, SmsResend.objects.count()) == (SmsState.PARKED, 0)

    @pytest.mark.parametrize("state", [state for state in SmsState if state != SmsState.PARKED])
    def test_leaves_alone_what_is_not_parked(self, gateway: MemoryGateway, state: SmsState) -> None:
        sms = parked(gateway)
        Sms.objects.update(state=state)
        with pytest.raises(TextNotParked):
            resend(sms)
        sms.refresh_from_db()
        assert (sms.state, SmsResend.objects.count()) == (state, 0)

    def test_is_done_once_when_asked_for_twice(self, gateway: MemoryGateway) -> None:
        sms = parked(gateway)
        resend(sms)
        with pytest.raises(TextNotParked):
            resend(sms)
        assert SmsResend.objects.count() == 1

    def test_does_not_find_a_text_under_another_account(self, gateway: MemoryGateway) -> None:
        sms, other = parked(gateway), make_line()
        with pytest.raises(NotFound):
            resend_sms(account_id=other.account_id, sms_id=sms.id, reason="why", asked_by="mei", now=LATER)
