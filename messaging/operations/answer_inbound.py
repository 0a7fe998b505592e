"""What a hall does to a text or call while it answers: count the try, lock, mark as answered."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from messaging.models import Inbound


class InboundSettled(DomainError):
    """It was answered before, or given up after too many tries, or it does not exist: there is nothing to answer."""

    code = "INBOUND_SETTLED"
    message = _("This message needs no answer any more.")


def count_answer_try(*, account_id: uuid.UUID, inbound_id: uuid.UUID) -> int:
    """Count one try to answer; commit it before the try, so that a message that kills its worker is given up as well.

    :return: number of the try, from 1 to `settings.INBOUND_MAX_ATTEMPTS`.
    :raises InboundSettled: it needs no answer.
    """
    counted = Inbound.objects.filter(
        account_id=account_id,
        id=inbound_id,
        answered_at__isnull=True,
        attempts__lt=settings.INBOUND_MAX_ATTEMPTS,
    ).update(attempts=F("attempts") + 1)
    if not counted:
        raise InboundSettled
    return Inbound.objects.values_list("attempts", flat=True).get(account_id=account_id, id=inbound_id)


def lock_unanswered(*, account_id: uuid.UUID, inbound_id: uuid.UUID) -> Inbound:
    """Lock a text or call until the end of the caller's transaction and return it.

    :raises InboundSettled: another worker has answered it meanwhile.
    """
    locked = Inbound.objects.select_for_update(of=("self",), no_key=True).filter(
        account_id=account_id, id=inbound_id, answered_at__isnull=True
    )
    inbound = locked.first()
    if inbound is None:
        raise InboundSettled
    return inbound


def mark_answered(*, account_id: uuid.UUID, inbound_id: uuid.UUID, now: datetime) -> None:
    """Note that a text or call has been dealt with, in the transaction of its answer."""
    Inbound.objects.filter(account_id=account_id, id=inbound_id).update(answered_at=now)


def replace_body(*, account_id: uuid.UUID, inbound_id: uuid.UUID, body: str) -> None:
    """Keep these words instead of those that came, because there was a secret in them."""
    Inbound.objects.filter(account_id=account_id, id=inbound_id).update(body=body)
