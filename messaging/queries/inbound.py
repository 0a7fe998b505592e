"""Reads texts and calls from lines."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from messaging.models import Inbound, InboundKind


def list_unanswered_inbound(limit: int, *, received_before: datetime) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return (account id, id) of texts and calls that still need an answer, oldest first.

    :param received_before: leaves out what came just now and is being answered.
    """
    unanswered = Inbound.objects.filter(
        answered_at__isnull=True, attempts__lt=settings.INBOUND_MAX_ATTEMPTS, received_at__lt=received_before
    )
    return list(unanswered.order_by("received_at").values_list("account_id", "id")[:limit])


def list_inbound_texts(account_id: uuid.UUID, msisdn: str, limit: int) -> list[Inbound]:
    """Return the latest texts from a number, newest first."""
    return list(_of_kind(InboundKind.SMS, account_id, msisdn)[:limit])


def get_last_call(account_id: uuid.UUID, msisdn: str) -> Inbound | None:
    """Return the latest call from a number."""
    return _of_kind(InboundKind.CALL, account_id, msisdn).first()


def _of_kind(kind: InboundKind, account_id: uuid.UUID, msisdn: str) -> QuerySet[Inbound]:
    return Inbound.objects.filter(account_id=account_id, from_msisdn=msisdn, kind=kind).order_by("-received_at", "-id")
