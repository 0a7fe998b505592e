"""Lines whose account has paid all that it owed are restored, by themselves and at once.

A worker does it when it hears that nothing is owed any more (`billing.receivers`); a sweeper finds what no notice
reached.
"""

import uuid
from datetime import datetime

import structlog
from django.db import DatabaseError, transaction

from accounts.barring_texts import several_words
from accounts.operations.arrears_bars import ChangedLine, lift_accounts
from billing.dunning_texts import ARREARS_LIFTED, ARREARS_LIFTED_STILL_BARRED
from billing.locks import lock_wallet
from billing.models import DunningCase, DunningNote, DunningNoteKind
from billing.queries.dunning import list_paid_up_account_ids, list_standings
from kernel.ids import uuid7
from kernel.masking import mask_msisdn
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.texts import instant_words

log = structlog.get_logger(__name__)


def restore_paid(*, account_id: uuid.UUID, now: datetime) -> bool:
    """Close the dunning case of an account that has paid, and lift its arrears bars with one text for each line.

    Other reasons stay. An account that owes anew since is restored all the same: that debt gets a warning of its own.

    :return: whether there was something to close; False when it still owes, or was never dunned.
    """
    with transaction.atomic():
        lock_wallet(account_id)
        standing = next(iter(list_standings([account_id])), None)
        if standing is None or not standing.is_paid_up or standing.case_id is None:
            return False
        case = DunningCase.objects.get(account_id=account_id, id=standing.case_id)
        # The clock of another machine may be a little behind the one that took the step.
        case.closed_at = max(now, case.step_at)
        case.save(update_fields=["closed_at"])
        DunningNote.objects.create(
            account_id=account_id,
            id=uuid7(),
            case_id=case.id,
            kind=DunningNoteKind.PAID,
            step=case.step,
            owed_fen=standing.owed_fen,
            noted_at=now,
        )
        lifted = lift_accounts(account_ids=[account_id], now=now)
        queue_sms_batch(requests=[_text(line, now) for line in lifted], now=now)
    return True


def sweep_paid(*, now: datetime, limit: int = 500) -> int:
    """Restore accounts that have paid and of which no notice came through, each in a transaction of its own.

    :param limit: accounts at most.
    :return: how many were closed.
    """
    closed = 0
    for account_id in list_paid_up_account_ids(limit):
        try:
            closed += restore_paid(account_id=account_id, now=now)
        except DatabaseError:
            # A line that is locked for long must not keep the others waiting; the next sweep comes back to it.
            log.exception("paid_line_not_restored", account_id=str(account_id))
    return closed


def _text(line: ChangedLine, now: datetime) -> SmsRequest:
    values: dict[str, object] = {"number": mask_msisdn(line.msisdn), "at": instant_words(line.language, now)}
    if line.other_reasons:
        values["others"] = several_words(line.language, line.other_reasons)
    template = ARREARS_LIFTED_STILL_BARRED if line.other_reasons else ARREARS_LIFTED
    return SmsRequest(line.account_id, line.msisdn, template, line.language, values, f"lift:{line.bar_id}")
