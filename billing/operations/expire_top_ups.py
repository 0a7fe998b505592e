"""Top-ups nobody has heard of again: the provider is asked, or the bank.

Unknown is a state of its own, and it is asked about until it is known.
"""

import uuid
from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection

from billing.gateways.base import PaymentOutcome, ProviderUnavailable
from billing.gateways.registry import get_provider
from billing.models import TopUp, TopUpFailure, TopUpState
from billing.operations.card_payments import PROVIDER as BANK_CARD
from billing.operations.card_payments import ask_bank_about
from billing.operations.payment_callbacks import settle_payment
from billing.operations.top_ups import fail_top_up
from billing.queries.top_ups import get_top_up
from kernel.errors import DomainError

_COLUMNS = [field.attname for field in TopUp._meta.concrete_fields]
# The claim itself sets when the provider is asked next, so no lock is held while it is asked, and a dead worker's
# questions are asked again by the next. With the last question the top-up is left to staff, whatever comes of it.
_CLAIM_DUE = f"""
    UPDATE billing_top_up
       SET asks = asks + 1,
           ask_at = %(now)s + (%(pauses)s::int[])[asks + 1] * interval '1 second',
           state = CASE WHEN asks >= %(last)s THEN 'UNKNOWN' ELSE state END
     WHERE state IN ('PENDING', 'UNKNOWN') AND ask_at <= %(now)s
       AND (account_id, id) IN (
           SELECT account_id, id FROM billing_top_up
            WHERE state IN ('PENDING', 'UNKNOWN') AND ask_at <= %(now)s
            ORDER BY ask_at
            LIMIT %(limit)s
       )
    RETURNING {", ".join(_COLUMNS)}
"""  # noqa: S608 (the names of our own columns)

log = structlog.get_logger(__name__)


def expire_top_ups(*, now: datetime, limit: int = 100) -> int:
    """Ask the provider about top-ups that were not paid in time or whose outcome is unknown, and settle them.

    Paid ones are credited, unpaid ones given up; without an answer they are UNKNOWN and asked about again after the
    pauses of TOP_UP_ASK_AGAIN_AFTER. After the last they stay UNKNOWN, and staff ask by `ask_provider_now`.

    :param limit: how many at most.
    :return: how many were asked about.
    """
    pauses = settings.TOP_UP_ASK_AGAIN_AFTER
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_DUE, {"now": now, "pauses": pauses, "last": len(pauses), "limit": limit})
        due = [TopUp.from_db(None, _COLUMNS, row) for row in cursor.fetchall()]
    for top_up in due:
        _ask(top_up, now)
    return len(due)


def ask_provider_now(*, account_id: uuid.UUID, top_up_id: uuid.UUID, now: datetime) -> TopUp:
    """Ask the provider about one top-up at once, outside the schedule, because staff want to know.

    :return: the top-up as it stands afterwards: settled, or UNKNOWN when there was no usable answer. One that can still
        be paid and is not stays PENDING; one that is finished is not asked about.
    :raises NotFound: the account has no such top-up.
    """
    top_up = get_top_up(account_id, top_up_id)
    if top_up.state in (TopUpState.PENDING, TopUpState.UNKNOWN):
        _ask(top_up, now)
    return get_top_up(account_id, top_up_id)


def _ask(top_up: TopUp, now: datetime) -> None:
    if top_up.provider == BANK_CARD:
        ask_bank_about(top_up=top_up, now=now)
        return
    try:
        payment = get_provider(top_up.provider).query_payment(payment_number=top_up.payment_number)
        if payment.outcome in (PaymentOutcome.PAID, PaymentOutcome.GIVEN_BACK):
            settle_payment(top_up=top_up, payment=payment, now=now)
        elif top_up.expires_at <= now or (
            payment.outcome is PaymentOutcome.REFUSED and payment.provider_payment_number
        ):
            fail_top_up(
                account_id=top_up.account_id,
                top_up_id=top_up.id,
                failure=TopUpFailure.NOT_PAID_IN_TIME,
                now=now,
            )
    except DomainError as error:
        # One that cannot be settled must not keep its neighbours waiting; staff see it as UNKNOWN.
        if not isinstance(error, ProviderUnavailable):
            log.exception("top_up_not_settled", top_up_id=str(top_up.id), code=error.code)
        TopUp.objects.filter(account_id=top_up.account_id, id=top_up.id, state=TopUpState.PENDING).update(
            state=TopUpState.UNKNOWN
        )
