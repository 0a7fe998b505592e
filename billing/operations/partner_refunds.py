"""A partner asks for money of a top-up to be given back; staff decide on it as on any other refund."""

import hashlib
import uuid
from datetime import datetime

from django.db import transaction

from billing.models import Refund
from billing.operations.ledger import IdempotencyConflict
from billing.operations.refunds import NotRefundable, request_refund
from billing.queries.refunds import find_refundable_top_up


def request_refund_for_partner(
    *,
    account_id: uuid.UUID,
    top_up_id: uuid.UUID | None,
    amount_fen: int,
    reason: str,
    client_id: str,
    idempotency_key: str,
    now: datetime,
) -> Refund:
    """Ask for a refund as `billing.operations.refunds.request_refund` does, once per client and key.

    :param top_up_id: None chooses the latest top-up that so much is left of.
    :param client_id: the partner's OAuth client; `idempotency_key` is the partner's own.
    :return: the refund, REQUESTED, unless the repeat of one that has gone on.
    :raises NotFound: the account has no such top-up.
    :raises NotRefundable: it is not credited, or not paid through a payment provider; or there is none to choose.
    :raises RefundTooLarge: the amount is not positive, or more than is left of what was paid.
    :raises RefundExceedsCash: the wallet's cash is less.
    :raises ReasonMissing: no reason is given, or too long a one.
    :raises IdempotencyConflict: the partner used the key for other details.
    """
    key = hashlib.sha256(f"{client_id}|{idempotency_key}".encode()).hexdigest()[:40]
    with transaction.atomic():
        known = Refund.objects.filter(account_id=account_id, request_key=key).first()
        chosen = top_up_id or (known.top_up_id if known else find_refundable_top_up(account_id, amount_fen=amount_fen))
        if chosen is None:
            raise NotRefundable
        refund = request_refund(
            account_id=account_id,
            top_up_id=chosen,
            amount_fen=amount_fen,
            reason=reason,
            staff_id=None,
            client_id=client_id,
            request_key=key,
            now=now,
        )
        if (refund.top_up_id, refund.amount_fen) != (chosen, amount_fen):
            raise IdempotencyConflict
    return refund
