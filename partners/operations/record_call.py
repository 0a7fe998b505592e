"""Keeps every call of the REST face, and forgets it after a while."""

import uuid
from contextlib import nullcontext
from datetime import datetime, timedelta

from django.conf import settings

from kernel.forgetting import delete_in_chunks
from kernel.light_commit import committed_lightly
from partners.models import PartnerCall


def record_call(
    *,
    client_id: str,
    operation: str,
    status: int,
    outcome: str,
    account_id: uuid.UUID | None,
    entity_id: str,
    idempotency_key: str,
    address: str,
    milliseconds: int,
    only_read: bool,
    now: datetime,
) -> None:
    """Write one call down.

    :param client_id: who; empty if nobody whose token was known.
    :param operation: method and name, such as "POST prepay-balance:topupBalance".
    :param outcome: "OK", or the code of the refusal.
    :param only_read: the call cannot have changed anything; what is written of it does not wait for the disk then.
    """
    with committed_lightly() if only_read else nullcontext():
        PartnerCall.objects.create(
            called_at=now,
            client_id=client_id[:64],
            operation=operation[:120],
            status=status,
            outcome=outcome[:64],
            account_id=account_id,
            entity_id=entity_id[:80],
            idempotency_key=idempotency_key[:64],
            address=address[:48],
            milliseconds=milliseconds,
        )


def forget_old_calls(*, now: datetime) -> int:
    """Delete the calls that are older than PARTNER_CALL_KEEP_DAYS.

    :return: rows deleted.
    """
    until = now - timedelta(days=settings.PARTNER_CALL_KEEP_DAYS)
    return delete_in_chunks(PartnerCall.objects.filter(called_at__lte=until))
