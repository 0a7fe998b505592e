"""Top-ups nobody has heard of again: the provider is asked.

Unknown is a state of its own, and it is asked about until it is known.
"""

from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection

from billing.gateways.base import PaymentOutcome, ProviderUnavailable
from billing.gateways.registry import get_provider
from billing.models import TopUp, TopUpFailure, TopUpState
from billing.operations.payment_callbacks import settle_payment
from billing.operations.top_ups import fail_top_up
from kernel.errors import DomainError

_COLUMNS = [field.attname for field in TopUp._meta.concrete_fields]
# The claim itself sets when the provider is asked next, so no lock is held while it is asked, and a dead worker's
# questions are asked again by the next.
_CLAIM_DUE = f"""
    UPDATE billing_top_up
       SET asks = asks + 1,
           ask_at = %(now)s + (%(pauses)s::int[])[least(asks + 1, %(last)s)] * interval '1 second'
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
    pauses of TOP_UP_ASK_AGAIN_AFTER.

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


def _ask(top_up: TopUp, now: datetime) -> None:
    try:
        payment = get_provider(top_up.provider).query_payment(payment_number=top_up.payment_number)
        if payment.outcome is PaymentOutcome.PAID:
            settle_payment(top_up=top_up, payment=payment, now=now)
        else:
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
