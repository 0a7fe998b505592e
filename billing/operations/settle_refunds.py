"""Refunds that were approved: the provider is asked to carry them out, with the same key until the outcome is known."""

import uuid
from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from billing.gateways.base import ProviderRefund, RefundOutcome
from billing.gateways.registry import get_provider
from billing.models import Counterpart, Refund, RefundState, TopUp
from billing.operations.ledger import post_entries, take_back_bonus
from billing.operations.refunds import REASON_KIND
from billing.queries.balance import get_balance
from billing.queries.refunds import get_refund
from billing.queries.top_ups import get_top_up
from billing.texts import TOP_UP_REFUNDED, TOP_UP_REFUNDED_WITHOUT_BONUS
from kernel.errors import DomainError
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words

_ON_ITS_WAY = [RefundState.APPROVED, RefundState.UNKNOWN]
_COLUMNS = [field.attname for field in Refund._meta.concrete_fields]
# As with top-ups: the claim sets when the provider is asked next, and the last question leaves the refund to staff.
_CLAIM_DUE = f"""
    UPDATE billing_refund
       SET asks = asks + 1,
           ask_at = %(now)s + (%(pauses)s::int[])[asks + 1] * interval '1 second',
           state = CASE WHEN asks >= %(last)s THEN 'UNKNOWN' ELSE state END
     WHERE state IN ('APPROVED', 'UNKNOWN') AND ask_at <= %(now)s
       AND (account_id, id) IN (
           SELECT account_id, id FROM billing_refund
            WHERE state IN ('APPROVED', 'UNKNOWN') AND ask_at <= %(now)s
            ORDER BY ask_at
            LIMIT %(limit)s
       )
    RETURNING {", ".join(_COLUMNS)}
"""  # noqa: S608 (the names of our own columns)

log = structlog.get_logger(__name__)


def settle_refunds(*, now: datetime, limit: int = 100) -> int:
    """Ask the provider for every approved refund that is due, and carry out what it answers.

    What it has done is finished and told by a text, and takes what is left of the top-up's bonus back in the same
    proportion; what it refuses goes back into the wallet; without an answer the refund is UNKNOWN and asked for again
    after the pauses of TOP_UP_ASK_AGAIN_AFTER, then left to staff.

    :param limit: how many at most.
    :return: how many were asked for.
    """
    pauses = settings.TOP_UP_ASK_AGAIN_AFTER
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_DUE, {"now": now, "pauses": pauses, "last": len(pauses), "limit": limit})
        due = [Refund.from_db(None, _COLUMNS, row) for row in cursor.fetchall()]
    for refund in due:
        _ask(refund, now)
    return len(due)


def ask_for_refund_now(*, account_id: uuid.UUID, refund_id: uuid.UUID, now: datetime) -> Refund:
    """Ask the provider for one refund at once, outside the schedule, because staff want to know.

    :return: the refund as it stands afterwards; one that is not on its way is not asked for.
    :raises NotFound: the account has no such refund.
    """
    refund = get_refund(account_id, refund_id)
    if refund.state in _ON_ITS_WAY:
        _ask(refund, now)
    return get_refund(account_id, refund_id)


def _ask(refund: Refund, now: datetime) -> None:
    top_up = get_top_up(refund.account_id, refund.top_up_id)
    try:
        answer = get_provider(top_up.provider).refund_payment(
            refund_number=refund.refund_number,
            payment_number=top_up.payment_number,
            paid_fen=top_up.amount_fen,
            amount_fen=refund.amount_fen,
            reason=refund.reason,
            now=now,
        )
    except DomainError as error:
        log.warning("refund_unanswered", refund_id=str(refund.id), code=error.code)
        _rows(refund).filter(state=RefundState.APPROVED).update(state=RefundState.UNKNOWN)
        return
    if answer.outcome is RefundOutcome.DONE:
        _finish(refund, top_up, answer, now)
    elif answer.outcome is RefundOutcome.REFUSED:
        _give_back_to_wallet(refund, now)


def _finish(refund: Refund, top_up: TopUp, answer: ProviderRefund, now: datetime) -> None:
    with transaction.atomic():
        finished = _rows(refund).update(
            state=RefundState.SUCCEEDED,
            provider_refund_number=answer.provider_refund_number,
            refunded_at=answer.refunded_at or now,
            finished_at=now,
            ask_at=None,
        )
        if finished:
            taken_fen = take_back_bonus(
                account_id=refund.account_id,
                top_up_id=top_up.id,
                most_fen=top_up.bonus_fen * refund.amount_fen // top_up.amount_fen,
                refund_id=refund.id,
                now=now,
            )
            _tell(refund, top_up, taken_fen, now)


def _give_back_to_wallet(refund: Refund, now: datetime) -> None:
    with transaction.atomic():
        if _rows(refund).update(state=RefundState.FAILED, finished_at=now, ask_at=None):
            post_entries(
                account_id=refund.account_id,
                posting_key=f"refund-returned:{refund.id}",
                amount_fen=refund.amount_fen,
                counterpart=Counterpart.PAYMENTS,
                reason_kind=REASON_KIND,
                reason_id=refund.id,
                now=now,
            )


def _rows(refund: Refund) -> QuerySet[Refund]:
    """Return the refund while it is on its way: of many who learn its outcome one finds it."""
    return Refund.objects.filter(account_id=refund.account_id, id=refund.id, state__in=_ON_ITS_WAY)


def _tell(refund: Refund, top_up: TopUp, taken_fen: int, now: datetime) -> None:
    queue_sms(
        account_id=refund.account_id,
        msisdn=top_up.msisdn,
        template=TOP_UP_REFUNDED_WITHOUT_BONUS if taken_fen else TOP_UP_REFUNDED,
        language=top_up.language,
        values={
            "amount": yuan_text(refund.amount_fen),
            "bonus": yuan_text(taken_fen),
            "number": mask_msisdn(top_up.msisdn),
            "balance": yuan_text(get_balance(refund.account_id).total_fen),
            "at": instant_words(top_up.language, now),
        },
        dedup_key=f"refund:{refund.id}",
        now=now,
    )
