"""What is owed is paid when money arrives: the oldest charge first, each once.

Whatever lets a wallet reach further nudges `settle_dues` for its account after the commit
(`billing.operations.ledger`); a sweeper finds what no nudge reached.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from django.db import DatabaseError, connection, transaction

from accounts.queries.lines import list_first_lines
from billing.events import account_settled
from billing.models import Charge
from billing.operations.ledger import ledger_refusals
from billing.queries.dues import list_payable_account_ids
from billing.texts import DUES_PAID, DUES_PAID_IN_PART
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words

_SETTLE_DUES = """
    SELECT paid_charges, paid_fen, last_charge_id, balance_fen, owed_fen FROM billing_settle_dues(%s, %s)
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was paid just now, and what is owed still, in fen."""

    paid_charges: int
    paid_fen: int
    owed_fen: int


def settle_dues(*, account_id: uuid.UUID, now: datetime) -> Settlement:
    """Pay what an account owes as far as its wallet reaches: the oldest charge first, none in part.

    It stops at the first charge that is too large, so that nothing stays owed for long while newer charges are paid.
    What was paid is told by one text. Once nothing is owed, `billing.events.account_settled` follows the commit.

    :return: what was paid; nothing, when nothing is owed or the wallet does not reach.
    """
    with transaction.atomic():
        with ledger_refusals(), connection.cursor() as cursor:
            cursor.execute(_SETTLE_DUES, [account_id, now])
            paid_charges, paid_fen, last_charge_id, balance_fen, owed_fen = cursor.fetchone()
        settlement = Settlement(paid_charges, int(paid_fen), int(owed_fen))
        if paid_charges:
            _tell(account_id, settlement, last_charge_id, balance_fen, now)
        if paid_charges and not owed_fen:
            notice = partial(account_settled.send_robust, sender=Charge, account_id=account_id, settled_at=now)
            transaction.on_commit(notice)
    return settlement


def sweep_dues(*, now: datetime, limit: int = 500) -> int:
    """Pay what is owed where money arrived and no nudge came through, each account in a transaction of its own.

    :param limit: accounts at most.
    :return: how many accounts paid something.
    """
    paid = 0
    for account_id in list_payable_account_ids(limit):
        try:
            paid += settle_dues(account_id=account_id, now=now).paid_charges > 0
        except DatabaseError:
            # A wallet that is locked for long must not keep the others waiting; the next sweep comes back to it.
            log.exception("dues_not_settled", account_id=str(account_id))
    return paid


def _tell(
    account_id: uuid.UUID, settlement: Settlement, last_charge_id: uuid.UUID, balance_fen: int, now: datetime
) -> None:
    """Queue the text to the account's oldest line in use; without one there is nobody to tell."""
    for _account_id, msisdn, language in list_first_lines([account_id]):
        queue_sms(
            account_id=account_id,
            msisdn=msisdn,
            template=DUES_PAID_IN_PART if settlement.owed_fen else DUES_PAID,
            language=language,
            values={
                "number": mask_msisdn(msisdn),
                "amount": yuan_text(settlement.paid_fen),
                "owed": yuan_text(settlement.owed_fen),
                "balance": yuan_text(balance_fen),
                "at": instant_words(language, now),
            },
            dedup_key=f"dues:{last_charge_id}",
            now=now,
        )
