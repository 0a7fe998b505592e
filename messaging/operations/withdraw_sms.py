"""Takes a text out of the outbox before it leaves."""

import uuid

from messaging.models import Sms, SmsState


def withdraw_sms(*, account_id: uuid.UUID, sms_id: uuid.UUID) -> bool:
    """Delete a text that waits and was never tried, in the caller's transaction.

    :return: whether it was there; one that a worker has taken stays.
    """
    waiting = Sms.objects.filter(account_id=account_id, id=sms_id, state=SmsState.QUEUED, attempts=0)
    return bool(waiting._raw_delete(waiting.db))
