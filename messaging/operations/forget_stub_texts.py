"""Deletes what the virtual handset shows no more."""

from datetime import datetime, timedelta

from django.conf import settings

from kernel.forgetting import delete_in_chunks
from messaging.models import StubText


def forget_stub_texts(*, now: datetime) -> int:
    """Delete what the stub gateway "sent" longer than STUB_TEXT_KEEP_DAYS ago; what was queued (`Sms`) stays.

    :return: rows deleted.
    """
    return delete_in_chunks(StubText.objects.filter(sent_at__lte=now - timedelta(days=settings.STUB_TEXT_KEEP_DAYS)))


def forget_stub_texts_of_number(*, msisdn: str) -> None:
    """Delete what the stub gateway "sent" to a number: whoever gets the number next has a handset of their own."""
    StubText.objects.filter(msisdn=msisdn).delete()
