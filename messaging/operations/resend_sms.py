"""Staff let a text that was set aside be tried again."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel.enqueue import nudge_after_commit
from kernel.errors import DomainError, NotFound
from messaging.models import Sms, SmsResend, SmsState
from messaging.task_names import DELIVER_SMS

_REASON_LENGTH = 200


class ReasonMissing(DomainError):
    """Whoever reads it later has to know why."""

    code = "REASON_MISSING"
    message = _("Say why it is sent again.")
    field = "reason"


class TextNotParked(DomainError):
    """It was sent, waits, is too late, or is not wanted: there is nothing to try again."""

    code = "TEXT_NOT_PARKED"
    message = _("Only texts that were set aside can be sent again.")
    http_status = 409


class TextSecret(DomainError):
    """Its words were wiped, and a code is never sent again by anybody but its owner's wish."""

    code = "TEXT_SECRET"
    message = _("This text carried a code: it cannot be sent again.")
    cure = _("The customer can ask for a new code.")
    http_status = 409


def resend_sms(*, account_id: uuid.UUID, sms_id: uuid.UUID, reason: str, asked_by: str, now: datetime) -> None:
    """Put a parked text back into the outbox, for as long as its kind lasts, with all its tries.

    :param reason: for whoever asks later, at most 200 characters.
    :param asked_by: who wants it.
    :raises ReasonMissing: no reason is given.
    :raises NotFound: the account has no such text.
    :raises TextNotParked: it is not set aside, or somebody else has just sent it again.
    :raises TextSecret: it carried a code.
    """
    kept_reason = reason.strip()[:_REASON_LENGTH]
    if not kept_reason:
        raise ReasonMissing
    with transaction.atomic():
        texts = Sms.objects.select_for_update(of=("self",), no_key=True)
        sms = texts.filter(account_id=account_id, id=sms_id).first()
        if sms is None:
            raise NotFound
        if sms.state != SmsState.PARKED:
            raise TextNotParked
        if sms.secret:
            raise TextSecret
        SmsResend.objects.create(
            account_id=account_id,
            sms_id=sms_id,
            reason=kept_reason,
            asked_by=asked_by,
            asked_at=now,
            parked_for=sms.last_error,
        )
        lifetime = sms.expires_at - sms.due_at
        sms.state, sms.attempts, sms.last_error = SmsState.QUEUED, 0, ""
        sms.due_at, sms.expires_at = now, now + lifetime
        sms.save(update_fields=["state", "attempts", "last_error", "due_at", "expires_at"])
        nudge_after_commit(DELIVER_SMS)
