"""Reads texts of a line, and those that the stub gateway "sent"."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from messaging.models import Sms, SmsResend, SmsState, StubText


def list_texts_of_line(account_id: uuid.UUID, msisdn: str, limit: int) -> list[Sms]:
    """Return the latest texts to a number of an account, newest first, whatever became of them."""
    return list(Sms.objects.filter(account_id=account_id, msisdn=msisdn).order_by("-queued_at", "-id")[:limit])


def is_text_queued_since(account_id: uuid.UUID, msisdn: str, kind: str, since: datetime) -> bool:
    """Tell whether a text of a kind was queued to a number after `since`."""
    return Sms.objects.filter(account_id=account_id, msisdn=msisdn, kind=kind, queued_at__gt=since).exists()


def list_stub_texts(msisdn: str, limit: int) -> list[StubText]:
    """Return the latest texts on a number's virtual handset, newest first."""
    return list(StubText.objects.filter(msisdn=msisdn).order_by("-sent_at", "-id")[:limit])


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many texts are in a state, and how many parts they have."""

    state: SmsState
    texts: int
    parts: int


def count_texts_by_state(since: datetime) -> list[StateCount]:
    """Count what was queued after `since`, by state in the order of a text's life; only states with texts."""
    rows = Sms.objects.filter(queued_at__gt=since).values_list("state").order_by("state")
    counted = {state: (texts, parts) for state, texts, parts in rows.annotate(Count("id"), Sum("parts"))}
    return [StateCount(state, *counted[state.value]) for state in SmsState if state.value in counted]


def count_texts_by_kind(since: datetime) -> list[tuple[str, int]]:
    """Return (kind, texts) of what was queued after `since`, the most frequent first."""
    rows = Sms.objects.filter(queued_at__gt=since).values_list("kind").order_by("kind")
    return sorted(rows.annotate(Count("id")), key=lambda pair: -pair[1])


def list_resends(account_id: uuid.UUID, sms_id: uuid.UUID) -> list[SmsResend]:
    """Return when and why a text was sent again by staff, the latest first."""
    return list(SmsResend.objects.filter(account_id=account_id, sms_id=sms_id).order_by("-asked_at", "-id"))
