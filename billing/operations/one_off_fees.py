"""Fees that staff charge once: one person proposes, another checks, then the account is charged, once."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from billing.models import BillHead, ChargeReason, OneOffFee, OneOffFeeState
from billing.operations.charge import charge_wallet
from billing.operations.ledger import IdempotencyConflict
from billing.queries.one_off_fees import get_one_off_fee
from kernel.errors import DomainError
from kernel.money import require_amount_between


class SecondPersonNeeded(DomainError):
    """Who proposed a fee cannot check it."""

    code = "SECOND_PERSON_NEEDED"
    message = _("You proposed this fee yourself.")
    cure = _("Ask a colleague to check it.")
    http_status = 403


class FeeDecided(DomainError):
    """Somebody has charged or refused it."""

    code = "FEE_DECIDED"
    message = _("This fee was decided already.")
    http_status = 409


class ProviderMissing(DomainError):
    """What is collected for somebody else has to say for whom."""

    code = "PROVIDER_MISSING"
    message = _("Name the company for which this fee is collected.")
    field = "provider_name"


def propose_one_off_fee(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    amount_fen: int,
    head: BillHead,
    name: str,
    provider_name: str,
    words: str,
    request_key: str,
    proposed_by: int,
    now: datetime,
) -> OneOffFee:
    """Write down a fee that somebody else is to check. Nothing is charged yet.

    :param line_id: the line of the account that it is charged for.
    :param amount_fen: more than zero, ONE_OFF_FEE_MAXIMUM_FEN at most.
    :param head: where it stands on the bill; `name` says for what, 120 characters at most.
    :param provider_name: for whom it is collected; required for THIRD_PARTY, else "".
    :param words: why, for the checker and the customer; 200 characters at most.
    :param request_key: made once per form; sent twice it is one proposal. 40 characters at most.
    :param proposed_by: id of the member of staff.
    :raises AmountOutOfRange: nothing, or more than the limit.
    :raises ProviderMissing: it is collected for somebody who is not named.
    :raises IdempotencyConflict: the form was sent before with other details.
    :raises NotFound: the account has no such line in use.
    """
    require_amount_between(amount_fen, minimum_fen=1, maximum_fen=settings.ONE_OFF_FEE_MAXIMUM_FEN)
    if head == BillHead.THIRD_PARTY and not provider_name:
        raise ProviderMissing
    line = get_line(account_id=account_id, line_id=line_id)
    wanted = OneOffFee(
        account_id=account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        language=line.language,
        amount_fen=amount_fen,
        head=head,
        name=name,
        provider_name=provider_name if head == BillHead.THIRD_PARTY else "",
        words=words,
        request_key=request_key,
        proposed_by=proposed_by,
        proposed_at=now,
    )
    OneOffFee.objects.bulk_create([wanted], ignore_conflicts=True)
    kept = OneOffFee.objects.get(account_id=account_id, request_key=request_key)
    for field in ("line_id", "amount_fen", "head", "name", "provider_name", "words", "proposed_by"):
        if getattr(kept, field) != getattr(wanted, field):
            raise IdempotencyConflict
    return kept


def approve_one_off_fee(*, account_id: uuid.UUID, fee_id: uuid.UUID, checked_by: int, now: datetime) -> OneOffFee:
    """Charge a proposed fee and tell the customer, once. What the wallet does not reach for is owed.

    :param checked_by: id of another member of staff than the one who proposed it.
    :raises SecondPersonNeeded: it is the same person.
    :raises FeeDecided: it was charged or refused before.
    :raises NotFound: the account has no such fee.
    """
    with transaction.atomic():
        fee = _decide(account_id, fee_id, OneOffFeeState.CHARGED, checked_by, "", now)
        charge_wallet(
            account_id=account_id,
            line_id=fee.line_id,
            msisdn=fee.msisdn,
            language=fee.language,
            head=BillHead(fee.head),
            name=fee.name,
            provider_name=fee.provider_name,
            amount_fen=fee.amount_fen,
            reason=ChargeReason.ONE_OFF,
            reason_id=fee.id,
            charge_key=f"one-off:{fee.id}",
            may_owe=True,
            now=now,
        )
    return fee


def refuse_one_off_fee(
    *, account_id: uuid.UUID, fee_id: uuid.UUID, checked_by: int, refusal: str, now: datetime
) -> OneOffFee:
    """Turn a proposed fee down. It stays to be seen, and nothing is charged.

    :param checked_by: id of another member of staff than the one who proposed it.
    :param refusal: why, for the one who proposed it; 200 characters at most.
    :raises SecondPersonNeeded: it is the same person.
    :raises FeeDecided: it was charged or refused before.
    :raises NotFound: the account has no such fee.
    """
    return _decide(account_id, fee_id, OneOffFeeState.REFUSED, checked_by, refusal, now)


def _decide(
    account_id: uuid.UUID, fee_id: uuid.UUID, state: OneOffFeeState, checked_by: int, refusal: str, now: datetime
) -> OneOffFee:
    """Take the decision if it is still open: one guarded update, of many checkers one gets the row."""
    fee = get_one_off_fee(account_id, fee_id)
    if fee.proposed_by == checked_by:
        raise SecondPersonNeeded
    waiting = OneOffFee.objects.filter(account_id=account_id, id=fee_id, state=OneOffFeeState.PROPOSED)
    if not waiting.update(state=state, checked_by=checked_by, checked_at=now, refusal=refusal):
        raise FeeDecided
    return get_one_off_fee(account_id, fee_id)
