"""Reads texts of a line, and those that the stub gateway "sent"."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from kernel.clock import SHANGHAI
from kernel.day_counts import DayCounts, group_by_day
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


@dataclass(frozen=True, slots=True)
class TextCounts:
    """Texts of a span of time by day: of each state and of each kind; and the parts of each state."""

    by_state: DayCounts
    by_kind: DayCounts
    parts: Mapping[str, int]


def count_texts(starts_at: datetime, ends_at: datetime) -> TextCounts:
    """Count what was queued within [starts_at, ends_at), in one look at it."""
    rows = Sms.objects.filter(queued_at__gte=starts_at, queued_at__lt=ends_at)
    by_day = rows.values_list("state", "kind", TruncDate("queued_at", tzinfo=SHANGHAI)).order_by("state")
    counts = list(by_day.annotate(Count("id"), Sum("parts")))
    parts: Counter[str] = Counter()
    for state, _kind, _day, _texts, of_state in counts:
        parts[state] += of_state
    return TextCounts(
        by_state=group_by_day((state, day, texts) for state, _kind, day, texts, _parts in counts),
        by_kind=group_by_day((kind, day, texts) for _state, kind, day, texts, _parts in counts),
        parts=parts,
    )


def list_resends(account_id: uuid.UUID, sms_id: uuid.UUID) -> list[SmsResend]:
    """Return when and why a text was sent again by staff, the latest first."""
    return list(SmsResend.objects.filter(account_id=account_id, sms_id=sms_id).order_by("-asked_at", "-id"))
