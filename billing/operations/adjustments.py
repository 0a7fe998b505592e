"""Corrections of wallets by staff: one person proposes, another checks, then it is posted, once."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from billing.models import Adjustment, AdjustmentReason, AdjustmentState, Counterpart
from billing.operations.earn_points import note_correction
from billing.operations.ledger import IdempotencyConflict, post_entries
from billing.queries.adjustments import get_adjustment
from billing.texts import ADJUSTMENT_CREDITED, ADJUSTMENT_DEBITED, adjustment_words
from kernel.errors import DomainError
from kernel.masking import mask_msisdn
from kernel.money import require_amount_between, yuan_text
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words

REASON_KIND = "ADJUSTMENT"


class SecondPersonNeeded(DomainError):
    """Who proposed an adjustment cannot check it."""

    code = "SECOND_PERSON_NEEDED"
    message = _("You proposed this adjustment yourself.")
    cure = _("Ask a colleague to check it.")
    http_status = 403


class AdjustmentDecided(DomainError):
    """Somebody has posted or refused it."""

    code = "ADJUSTMENT_DECIDED"
    message = _("This adjustment was decided already.")
    http_status = 409


def propose_adjustment(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    amount_fen: int,
    reason: AdjustmentReason,
    words: str,
    request_key: str,
    proposed_by: int,
    proposed_client: str = "",
    now: datetime,
) -> Adjustment:
    """Write down a correction that somebody else is to check. Nothing moves yet.

    :param line_id: the line of the account that the text goes to.
    :param amount_fen: positive is the customer's gain; ADJUSTMENT_MAXIMUM_FEN at most, either way.
    :param words: what happened, for the checker and the customer; 200 characters at most.
    :param request_key: made once per form; sent twice it is one proposal. 40 characters at most.
    :param proposed_by: id of the member of staff; 0 for a partner, whose client `proposed_client` names.
    :raises AmountOutOfRange: nothing, or more than the limit.
    :raises IdempotencyConflict: the form was sent before with other details.
    :raises NotFound: the account has no such line in use.
    """
    require_amount_between(abs(amount_fen), minimum_fen=1, maximum_fen=settings.ADJUSTMENT_MAXIMUM_FEN)
    line = get_line(account_id=account_id, line_id=line_id)
    wanted = Adjustment(
        account_id=account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        language=line.language,
        amount_fen=amount_fen,
        reason=reason,
        words=words,
        request_key=request_key,
        proposed_by=proposed_by,
        proposed_client=proposed_client,
        proposed_at=now,
    )
    Adjustment.objects.bulk_create([wanted], ignore_conflicts=True)
    kept = Adjustment.objects.get(account_id=account_id, request_key=request_key)
    for name in ("line_id", "amount_fen", "reason", "words", "proposed_by", "proposed_client"):
        if getattr(kept, name) != getattr(wanted, name):
            raise IdempotencyConflict
    return kept


def approve_adjustment(
    *, account_id: uuid.UUID, adjustment_id: uuid.UUID, checked_by: int, now: datetime
) -> Adjustment:
    """Post a proposed correction and tell the customer, once. Of a charge it corrects the points as well.

    :param checked_by: id of another member of staff than the one who proposed it.
    :raises SecondPersonNeeded: it is the same person.
    :raises AdjustmentDecided: it was posted or refused before.
    :raises InsufficientBalance: the wallet cannot give so much; the proposal stays.
    :raises NotFound: the account has no such adjustment.
    """
    with transaction.atomic():
        adjustment = _decide(account_id, adjustment_id, AdjustmentState.POSTED, checked_by, "", now)
        posting = post_entries(
            account_id=account_id,
            posting_key=f"adjustment:{adjustment.id}",
            amount_fen=adjustment.amount_fen,
            counterpart=Counterpart.ADJUSTMENTS,
            reason_kind=REASON_KIND,
            reason_id=adjustment.id,
            now=now,
        )
        note_correction(adjustment=adjustment, now=now)
        _tell(adjustment, posting.total_fen, now)
    return adjustment


def refuse_adjustment(
    *, account_id: uuid.UUID, adjustment_id: uuid.UUID, checked_by: int, refusal: str, now: datetime
) -> Adjustment:
    """Turn a proposed correction down. It stays to be seen, and nothing moves.

    :param checked_by: id of another member of staff than the one who proposed it.
    :param refusal: why, for the one who proposed it; 200 characters at most.
    :raises SecondPersonNeeded: it is the same person.
    :raises AdjustmentDecided: it was posted or refused before.
    :raises NotFound: the account has no such adjustment.
    """
    return _decide(account_id, adjustment_id, AdjustmentState.REFUSED, checked_by, refusal, now)


def _decide(
    account_id: uuid.UUID,
    adjustment_id: uuid.UUID,
    state: AdjustmentState,
    checked_by: int,
    refusal: str,
    now: datetime,
) -> Adjustment:
    """Take the decision if it is still open: one guarded update, of many checkers one gets the row."""
    adjustment = get_adjustment(account_id, adjustment_id)
    if adjustment.proposed_by == checked_by:
        raise SecondPersonNeeded
    waiting = Adjustment.objects.filter(account_id=account_id, id=adjustment_id, state=AdjustmentState.PROPOSED)
    if not waiting.update(state=state, checked_by=checked_by, checked_at=now, refusal=refusal):
        raise AdjustmentDecided
    return get_adjustment(account_id, adjustment_id)


def _tell(adjustment: Adjustment, balance_fen: int, now: datetime) -> None:
    queue_sms(
        account_id=adjustment.account_id,
        msisdn=adjustment.msisdn,
        template=ADJUSTMENT_CREDITED if adjustment.amount_fen > 0 else ADJUSTMENT_DEBITED,
        language=adjustment.language,
        values={
            "number": mask_msisdn(adjustment.msisdn),
            "amount": yuan_text(abs(adjustment.amount_fen)),
            "reason": adjustment_words(adjustment.language, adjustment.reason),
            "balance": yuan_text(balance_fen),
            "at": instant_words(adjustment.language, now),
        },
        dedup_key=f"adjustment:{adjustment.id}",
        now=now,
    )
