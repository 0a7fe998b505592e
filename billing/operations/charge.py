"""Charges: money leaves the wallet, or is owed, always with its reason and exactly one notice.

Behind it stands billing/sql/charge.sql.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection, transaction

from billing.models import BillHead, Charge, ChargeReason
from billing.operations.balance_falls import notice_balances
from billing.operations.ledger import (
    IdempotencyConflict,
    InsufficientBalance,
    WalletMissing,
    ledger_refusals,
    settle_dues_later,
)
from billing.texts import CHARGE_DUE, CHARGE_NOTICE, CHARGE_NOTICE_IN_DAYTIME, charge_words
from kernel.copy_rows import copy_rows
from kernel.errors import DomainError
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.texts import instant_words

_CHARGE_WALLET = "SELECT * FROM billing_charge_wallet(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_STAGE = """
    CREATE TEMPORARY TABLE charge_request (
        number integer, account_id uuid, id uuid, line_id uuid, msisdn text, head text, name text, provider_name text,
        amount_fen bigint, reason text, reason_id uuid, charge_key text, may_owe boolean
    ) ON COMMIT DROP
"""
_UNSTAGE = "DROP TABLE charge_request"
_COLUMNS = (
    *("number", "account_id", "id", "line_id", "msisdn", "head", "name", "provider_name", "amount_fen", "reason"),
    *("reason_id", "charge_key", "may_owe"),
)
_CHARGE_ACCOUNTS = "SELECT number, outcome, balance_fen, owed_fen FROM billing_charge_accounts(%s)"


class _Outcome(StrEnum):
    """What billing_charge_wallet answers."""

    SETTLED = "SETTLED"
    DUE = "DUE"
    REPEATED = "REPEATED"
    CONFLICT = "CONFLICT"
    SHORT = "SHORT"
    NO_WALLET = "NO_WALLET"


_REFUSALS: dict[str, type[DomainError]] = {
    _Outcome.CONFLICT: IdempotencyConflict,
    _Outcome.SHORT: InsufficientBalance,
    _Outcome.NO_WALLET: WalletMissing,
}


class ChargeRefusal(StrEnum):
    """Why one request of a batch was left out."""

    KEY_USED = "KEY_USED"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    WALLET_MISSING = "WALLET_MISSING"
    AMOUNT_NOT_POSITIVE = "AMOUNT_NOT_POSITIVE"
    PROVIDER_MISSING = "PROVIDER_MISSING"


_BATCH_REFUSALS = {
    _Outcome.CONFLICT: ChargeRefusal.KEY_USED,
    _Outcome.SHORT: ChargeRefusal.INSUFFICIENT_BALANCE,
    _Outcome.NO_WALLET: ChargeRefusal.WALLET_MISSING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """One charge to make; the fields are the arguments of `charge_wallet`. What a batch charges may be owed."""

    account_id: uuid.UUID
    line_id: uuid.UUID
    msisdn: str
    language: str
    head: BillHead
    name: str
    provider_name: str
    amount_fen: int
    reason: ChargeReason
    reason_id: uuid.UUID
    charge_key: str
    may_owe: bool = True

    @property
    def charge_id(self) -> uuid.UUID:
        """Id of the charge: the same for the same key, so that a repeat needs no look-up."""
        return uuid.uuid5(self.account_id, self.charge_key)


@dataclass(frozen=True, slots=True)
class RefusedCharge:
    """A request of a batch that was left out: its place in the batch, from 0, and why."""

    index: int
    reason: ChargeRefusal


@dataclass(frozen=True, slots=True)
class ChargedBatch:
    """What became of a batch: how many were paid at once, are owed, had been charged before; and what was left out."""

    settled: int
    due: int
    repeated: int
    refused: tuple[RefusedCharge, ...]


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
    may_owe: bool = False,
) -> Charge:
    """Take a charge from the wallet and queue its notice, once per key, in the caller's transaction.

    A refusal leaves the caller's transaction usable: nothing of the charge remains in it.

    :param language: of the notice.
    :param head: where it stands on the bill; `name` says for what, in words the customer has confirmed.
    :param provider_name: for whom it is collected; required for THIRD_PARTY, else "".
    :param amount_fen: more than zero.
    :param reason: what it leads back to; `reason_id` is that row.
    :param charge_key: names what is charged, such as "order:<id>"; unique per account, 120 characters at most.
    :param may_owe: what the wallet does not reach for is owed instead of refused: the charge is due, and taken when
        money arrives (`billing.operations.dues`).
    :return: the charge; of the first call, if the key was charged before with the same data.
    :raises InsufficientBalance: the wallet would fall below its floor, and the charge may not be owed.
    :raises IdempotencyConflict: the key was charged before with other data.
    :raises WalletMissing: the account has no wallet.
    """
    if amount_fen <= 0:
        raise ValueError("a charge takes something")
    request = ChargeRequest(
        account_id=account_id,
        line_id=line_id,
        msisdn=msisdn,
        language=language,
        head=head,
        name=name,
        provider_name=provider_name,
        amount_fen=amount_fen,
        reason=reason,
        reason_id=reason_id,
        charge_key=charge_key,
        may_owe=may_owe,
    )
    return _charge_one(request, held_fen=0, now=now)


def charge_from_hold(*, request: ChargeRequest, held_fen: int, now: datetime) -> Charge:
    """Charge what was set aside for it, in the caller's transaction. Part of `billing.operations.holds`.

    :param request: no more than was set aside.
    :param held_fen: what was set aside; all of it is free afterwards.
    :return: the charge, paid.
    """
    charge = _charge_one(request, held_fen=held_fen, now=now)
    if held_fen > request.amount_fen:
        settle_dues_later(account_id=request.account_id)
    return charge


def charge_accounts(*, requests: Sequence[ChargeRequest], now: datetime) -> ChargedBatch:
    """Make many charges and queue their notices, in the caller's transaction: fees and usage of the monthly turn.

    A batch that died is simply made again: what was charged before is left alone. What is wrong with one request keeps
    no other from being charged. The wallets stay locked until the transaction ends, so callers commit batch by batch,
    of some 1,000.

    :param requests: in any order; of one account they are charged in the order given.
    :return: what became of them.
    """
    refused = {index: refusal for index, request in enumerate(requests) if (refusal := _refusal(request))}
    rows = (_row(index, request) for index, request in enumerate(requests) if index not in refused)
    counts = dict.fromkeys(_Outcome, 0)
    notices: list[SmsRequest] = []
    balances: dict[uuid.UUID, tuple[int, int]] = {}
    with transaction.atomic():
        for index, outcome, balance_fen, owed_fen in _charge(rows, now):
            counts[outcome] += 1
            if outcome in _BATCH_REFUSALS:
                refused[index] = _BATCH_REFUSALS[outcome]
            elif outcome != _Outcome.REPEATED:
                request, left_fen = requests[index], balance_fen - (owed_fen or 0)
                notices.append(_notice(request, outcome, balance_fen, owed_fen, now))
                before_fen, _after_fen = balances.get(request.account_id, (left_fen + request.amount_fen, 0))
                balances[request.account_id] = (before_fen, left_fen)
        queue_sms_batch(requests=notices, now=now)
        notice_balances(balances=balances)
    return ChargedBatch(
        settled=counts[_Outcome.SETTLED],
        due=counts[_Outcome.DUE],
        repeated=counts[_Outcome.REPEATED],
        refused=tuple(RefusedCharge(index, refused[index]) for index in sorted(refused)),
    )


def _charge_one(request: ChargeRequest, *, held_fen: int, now: datetime) -> Charge:
    """Charge one wallet; a refusal is raised."""
    _number, *values, may_owe = _row(0, request)
    with transaction.atomic():
        with ledger_refusals(), connection.cursor() as cursor:
            cursor.execute(_CHARGE_WALLET, [*values, now, may_owe, held_fen])
            outcome, balance_fen, owed_fen = cursor.fetchone()
        if outcome in _REFUSALS:
            raise _REFUSALS[outcome]
        if outcome != _Outcome.REPEATED:
            queue_sms_batch(requests=[_notice(request, outcome, balance_fen, owed_fen, now)], now=now)
            left_fen = balance_fen - (owed_fen or 0)
            notice_balances(balances={request.account_id: (left_fen + request.amount_fen, left_fen)})
    return Charge.objects.get(account_id=request.account_id, id=request.charge_id)


def _refusal(request: ChargeRequest) -> ChargeRefusal | None:
    """Return what the table would refuse, and with it the whole batch."""
    if request.amount_fen <= 0:
        return ChargeRefusal.AMOUNT_NOT_POSITIVE
    if request.head == BillHead.THIRD_PARTY and not request.provider_name:
        return ChargeRefusal.PROVIDER_MISSING
    return None


def _charge(rows: Iterator[tuple[Any, ...]], now: datetime) -> list[tuple[int, _Outcome, int, int]]:
    """Return (index, outcome, balance after it, what is owed) of each request, as they were charged."""
    with ledger_refusals(), connection.cursor() as cursor:
        cursor.execute(_STAGE)
        copy_rows(cursor, "charge_request", _COLUMNS, rows)
        cursor.execute(_CHARGE_ACCOUNTS, [now])
        charged = [(index, _Outcome(outcome), balance, owed) for index, outcome, balance, owed in cursor.fetchall()]
        cursor.execute(_UNSTAGE)
    return charged


def _row(index: int, request: ChargeRequest) -> tuple[Any, ...]:
    return (
        index,
        request.account_id,
        request.charge_id,
        request.line_id,
        request.msisdn,
        str(request.head),
        request.name,
        request.provider_name,
        request.amount_fen,
        str(request.reason),
        request.reason_id,
        request.charge_key,
        request.may_owe,
    )


def _notice(request: ChargeRequest, outcome: str, balance_fen: int, owed_fen: int, now: datetime) -> SmsRequest:
    values = {
        "number": mask_msisdn(request.msisdn),
        "name": charge_words(request.language, name=request.name, provider_name=request.provider_name),
        "amount": yuan_text(request.amount_fen),
        "balance": yuan_text(balance_fen),
        "at": instant_words(request.language, now),
    }
    if outcome == _Outcome.DUE:
        template = CHARGE_DUE
        values["owed"] = yuan_text(owed_fen)
    else:
        template = CHARGE_NOTICE if request.reason == ChargeReason.ORDER else CHARGE_NOTICE_IN_DAYTIME
    return SmsRequest(
        request.account_id,
        request.msisdn,
        template,
        request.language,
        values,
        f"charge:{request.charge_id}",
    )
