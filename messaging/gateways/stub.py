"""The gateway of demo mode and of a hall not yet connected: keeps what it "sent" for the virtual handset."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from messaging.gateways.base import Outcome, OutgoingSms, SendResult, SmsGateway
from messaging.models import StubText


class StubGateway(SmsGateway):
    """Writes each text to `StubText`. The message id is the row's key, so a repeat is dropped by the database."""

    name = "stub"
    drops_repeats = True

    def send(self, messages: Sequence[OutgoingSms], *, now: datetime, timeout_seconds: float) -> list[SendResult]:
        StubText.objects.bulk_create(
            [
                StubText(
                    id=message.message_id,
                    msisdn=message.msisdn,
                    from_number=settings.SERVICE_NUMBER,
                    body=message.body,
                    sent_at=now,
                )
                for message in messages
            ],
            ignore_conflicts=True,
        )
        return [SendResult(Outcome.SENT, gateway_message_id=str(message.message_id)) for message in messages]
