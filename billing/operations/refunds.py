"""Money of a top-up given back: staff or a partner ask for it, another person approves, the provider carries it out.

Locks go down the house: the top-up first, then its refund, then the wallet.
"""

import secrets
import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.gateways.registry import is_in_use
from billing.models import Counterpart, Refund, RefundState, TopUp, TopUpState
from billing.operations.ledger import InsufficientBalance, post_entries
from billing.queries.balance import get_balance
from billing.queries.refunds import get_refund, get_refunded_fen
from billing.task_names import SETTLE_REFUNDS
from kernel.clock import SHANGHAI
from kernel.enqueue import enqueue_after_commit
from kernel.errors import DomainError, NotFound

REASON_KIND = "REFUND"
REASON_LENGTH = 200


class NotRefundable(DomainError):
    """Only money that came in through a payment provider can go back there."""

    code = "NOT_REFUNDABLE"
    message = _("This top-up cannot be given back: it is not credited, or was not paid through a payment provider.")


class RefundTooLarge(DomainError):
    """More than was paid would go back, with the refunds made or asked for already."""

    code = "REFUND_TOO_LARGE"
    message = _("This is more than is left of what was paid.")
    cure = _("Enter a smaller amount.")
    field = "amount"


class RefundExceedsCash(DomainError):
    """The customer has spent it: the cash left is less."""

    code = "REFUND_EXCEEDS_CASH"
    message = _("This is more than the cash that is left in the wallet.")
    cure = _("Enter a smaller amount.")
    field = "amount"


class ReasonMissing(DomainError):
    """Nobody could say later why the money went back."""

    code = "REASON_MISSING"
    message = _("Say why the money goes back, in at most 200 characters.")
    field = "reason"


class SecondPersonNeeded(DomainError):
    """Who asked for a refund cannot approve it."""

    code = "SECOND_PERSON_NEEDED"
    message = _("You asked for this refund yourself.")
    cure = _("Ask somebody else to approve it.")
    http_status = 403


class RefundDecided(DomainError):
    """It was approved or rejected before."""

    code = "REFUND_DECIDED"
    message = _("This refund was decided already.")
    http_status = 409


def request_refund(
    *,
    account_id: uuid.UUID,
    top_up_id: uuid.UUID,
    amount_fen: int,
    reason: str,
    staff_id: int | None,
    request_key: str,
    now: datetime,
    client_id: str = "",
) -> Refund:
    """Ask for money of a top-up to be given back. Nothing moves before somebody else approves.

    :param amount_fen: the whole of what was paid or a part of it.
    :param reason: why, for the books and for the payer; 200 characters at most.
    :param staff_id: who asks; None for a partner, whose client `client_id` names.
    :param request_key: made once per form; sent twice it is one refund. 40 characters at most.
    :return: the refund, REQUESTED, unless the repeat of one that has gone on.
    :raises NotFound: the account has no such top-up.
    :raises NotRefundable: it is not credited, or not paid through a payment provider.
    :raises RefundTooLarge: the amount is not positive, or more than is left of what was paid.
    :raises RefundExceedsCash: the wallet's cash is less.
    :raises ReasonMissing: no reason is given, or too long a one.
    """
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH:
        raise ReasonMissing
    with transaction.atomic():
        top_up = _locked_top_up(account_id, top_up_id)
        known = Refund.objects.filter(account_id=account_id, request_key=request_key).first()
        if known:
            return known
        # What a partner took, or another system before us, was not paid through a provider of ours.
        if top_up.state != TopUpState.SUCCEEDED or top_up.paid_at is None or not is_in_use(top_up.provider):
            raise NotRefundable
        if amount_fen <= 0 or amount_fen > top_up.amount_fen - get_refunded_fen(account_id, top_up_id):
            raise RefundTooLarge
        if amount_fen > get_balance(account_id).cash_fen:
            raise RefundExceedsCash
        return Refund.objects.create(
            account_id=account_id,
            top_up_id=top_up_id,
            amount_fen=amount_fen,
            reason=reason,
            refund_number=f"R{now.astimezone(SHANGHAI):%Y%m%d}{secrets.token_hex(11)}",
            request_key=request_key,
            requested_by_id=staff_id,
            requested_client=client_id,
            requested_at=now,
        )


def approve_refund(*, account_id: uuid.UUID, refund_id: uuid.UUID, staff_id: int, now: datetime) -> Refund:
    """Let the money go: it leaves the wallet's cash now, and the provider is asked right after.

    :param staff_id: who approves; not who asked.
    :return: the refund, APPROVED.
    :raises NotFound: the account has no such refund.
    :raises SecondPersonNeeded: the same person asked for it.
    :raises RefundDecided: it was approved or rejected before.
    :raises RefundExceedsCash: the money was spent meanwhile.
    """
    with transaction.atomic():
        refund = _locked_refund(account_id, refund_id)
        if refund.state != RefundState.REQUESTED:
            raise RefundDecided
        if refund.requested_by_id == staff_id:
            raise SecondPersonNeeded
        refund.state, refund.approved_by_id, refund.decided_at = RefundState.APPROVED, staff_id, now
        refund.ask_at = now
        refund.save(update_fields=["state", "approved_by", "decided_at", "ask_at"])
        try:
            post_entries(
                account_id=account_id,
                posting_key=f"refund:{refund.id}",
                amount_fen=-refund.amount_fen,
                counterpart=Counterpart.PAYMENTS,
                reason_kind=REASON_KIND,
                reason_id=refund.id,
                now=now,
                cash_only=True,
            )
        except InsufficientBalance:
            raise RefundExceedsCash from None
        enqueue_after_commit(SETTLE_REFUNDS)
    return refund


def reject_refund(*, account_id: uuid.UUID, refund_id: uuid.UUID, staff_id: int, now: datetime) -> Refund:
    """Say no to a refund, or withdraw one's own. Nothing moves.

    :param staff_id: who says no.
    :return: the refund, REJECTED.
    :raises NotFound: the account has no such refund.
    :raises RefundDecided: it was approved or rejected before.
    """
    with transaction.atomic():
        refund = _locked_refund(account_id, refund_id)
        if refund.state != RefundState.REQUESTED:
            raise RefundDecided
        refund.state, refund.rejected_by_id, refund.decided_at = RefundState.REJECTED, staff_id, now
        refund.finished_at = now
        refund.save(update_fields=["state", "rejected_by", "decided_at", "finished_at"])
    return refund


def _locked_top_up(account_id: uuid.UUID, top_up_id: uuid.UUID) -> TopUp:
    rows = TopUp.objects.select_for_update(no_key=True).filter(account_id=account_id, id=top_up_id)
    top_up = rows.first()
    if top_up is None:
        raise NotFound
    return top_up


def _locked_refund(account_id: uuid.UUID, refund_id: uuid.UUID) -> Refund:
    _locked_top_up(account_id, get_refund(account_id, refund_id).top_up_id)
    return Refund.objects.select_for_update(no_key=True, of=("self",)).get(account_id=account_id, id=refund_id)
