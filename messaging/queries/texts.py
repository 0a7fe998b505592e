"""Reads texts of a line, and those that the stub gateway "sent"."""

import uuid
from datetime import datetime

from messaging.models import Sms, StubText


def list_texts_of_line(account_id: uuid.UUID, msisdn: str, limit: int) -> list[Sms]:
    """Return the latest texts to a number of an account, newest first, whatever became of them."""
    return list(Sms.objects.filter(account_id=account_id, msisdn=msisdn).order_by("-queued_at", "-id")[:limit])


def is_text_queued_since(account_id: uuid.UUID, msisdn: str, kind: str, since: datetime) -> bool:
    """Tell whether a text of a kind was queued to a number after `since`."""
    return Sms.objects.filter(account_id=account_id, msisdn=msisdn, kind=kind, queued_at__gt=since).exists()


def list_stub_texts(msisdn: str, limit: int) -> list[StubText]:
    """Return the latest texts on a number's virtual handset, newest first."""
    return list(StubText.objects.filter(msisdn=msisdn).order_by("-sent_at", "-id")[:limit])
