"""Charges: money leaves the wallet, always with its reason and exactly one notice."""

import uuid
from datetime import datetime

from django.db import transaction

from billing.models import BillHead, Charge, ChargeReason, Counterpart
from billing.operations.ledger import IdempotencyConflict, Posting, post_entries
from billing.texts import CHARGE_NOTICE, CHARGE_NOTICE_IN_DAYTIME, charge_words
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words

REASON_KIND = "CHARGE"


def charge_wallet(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    msisdn: str,
    language: str,
    head: BillHead,
    name: str,
    provider_name: str,
    amount_fen: int,
    reason: ChargeReason,
    reason_id: uuid.UUID,
    charge_key: str,
    now: datetime,
) -> Charge:
    """Take a charge from the wallet and queue its notice, once per key, in the caller's transaction.

    A refusal leaves the caller's transaction usable: nothing of the charge remains in it.

    :param language: of the notice.
    :param head: where it stands on the bill; `name` says for what, in words the customer has confirmed.
    :param provider_name: for whom it is collected; required for THIRD_PARTY, else "".
    :param amount_fen: more than zero.
    :param reason: what it leads back to; `reason_id` is that row.
    :param charge_key: names what is charged, such as "order:<id>"; unique per account, 120 characters at most.
    :return: the charge; of the first call, if the key was charged before with the same data.
    :raises InsufficientBalance: the wallet would fall below its floor.
    :raises IdempotencyConflict: the key was charged before with other data.
    :raises WalletMissing: the account has no wallet.
    """
    charge = Charge(
        account_id=account_id,
        id=uuid.uuid5(account_id, charge_key),
        line_id=line_id,
        msisdn=msisdn,
        head=head,
        name=name,
        provider_name=provider_name,
        amount_fen=amount_fen,
        reason=reason,
        reason_id=reason_id,
        charge_key=charge_key,
        charged_at=now,
    )
    with transaction.atomic():
        posting = post_entries(
            account_id=account_id,
            posting_key=f"charge:{charge.id}",
            amount_fen=-amount_fen,
            counterpart=Counterpart.REVENUE,
            reason_kind=REASON_KIND,
            reason_id=charge.id,
            now=now,
        )
        if posting.repeated:
            return _charged_before(charge)
        charge.save(force_insert=True)
        _tell(charge, language, posting)
    return charge


def _charged_before(wanted: Charge) -> Charge:
    charge = Charge.objects.get(account_id=wanted.account_id, id=wanted.id)
    for name in ("line_id", "head", "name", "provider_name", "reason", "reason_id"):
        if getattr(charge, name) != getattr(wanted, name):
            raise IdempotencyConflict
    return charge


def _tell(charge: Charge, language: str, posting: Posting) -> None:
    queue_sms(
        account_id=charge.account_id,
        msisdn=charge.msisdn,
        template=CHARGE_NOTICE if charge.reason == ChargeReason.ORDER else CHARGE_NOTICE_IN_DAYTIME,
        language=language,
        values={
            "number": mask_msisdn(charge.msisdn),
            "name": charge_words(language, name=charge.name, provider_name=charge.provider_name),
            "amount": yuan_text(charge.amount_fen),
            "balance": yuan_text(posting.total_fen),
            "at": instant_words(language, charge.charged_at),
        },
        dedup_key=f"charge:{charge.id}",
        now=charge.charged_at,
    )
