"""Brings wallets with their past into the house, for customers who come from another system.

Beside `ledger` the only writer of wallets and entries: there each posting stands on the last; here the past is
complete, and its chain is computed in one statement.

The other system has told its customers what it charged and credited. What comes from there has keys that begin with
"import:", and no texts are queued for it; `billing.queries.audit` knows.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg2.errorcodes import UNIQUE_VIOLATION

from billing.models import TopUpState
from kernel.copy_rows import NULL, copy_rows
from kernel.errors import DomainError

IMPORT_PREFIX = "import:"

_STAGE = """
    CREATE TEMPORARY TABLE imported_wallet (
        account_id uuid, overdraft_fen bigint, opening_fen bigint, opened_at timestamptz
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE imported_movement (
        account_id uuid, at timestamptz, amount_fen bigint, counterpart text, posting_key text, reason_kind text,
        reason_id uuid
    ) ON COMMIT DROP;
"""
# The wallets are new, so every top-up and charge of their accounts has just been brought in.
_COLLECT_MOVEMENTS = """
    INSERT INTO imported_movement
    SELECT account_id, opened_at, opening_fen, 'OPENING', 'opening', 'OPENING', account_id
      FROM imported_wallet
     WHERE opening_fen <> 0
    UNION ALL
    SELECT account_id, finished_at, amount_fen, 'PAYMENTS', 'top-up:' || id, 'TOP_UP', id
      FROM billing_top_up
      JOIN imported_wallet USING (account_id)
    UNION ALL
    SELECT account_id, charged_at, -amount_fen, 'REVENUE', 'charge:' || id, 'CHARGE', id
      FROM billing_charge
      JOIN imported_wallet USING (account_id)
"""
_NUMBER_PAYMENTS = """
    INSERT INTO billing_payment_number (payment_number, account_id, top_up_id)
    SELECT payment_number, account_id, id
      FROM billing_top_up
      JOIN imported_wallet USING (account_id)
"""
# Of what happened in one instant, money came in before money went out.
_POST_ENTRIES = """
    INSERT INTO billing_ledger_entry (
        account_id, version, bucket, amount_fen, before_fen, after_fen, counterpart, posting_key, request_hash,
        reason_kind, reason_id, posted_at
    )
    SELECT account_id, row_number() OVER in_time, 'CASH', amount_fen, sum(amount_fen) OVER in_time - amount_fen,
           sum(amount_fen) OVER in_time, counterpart, posting_key,
           encode(sha256(convert_to(
               concat_ws('|', amount_fen, 'CASH', counterpart, reason_kind, reason_id), 'UTF8'
           )), 'hex'),
           reason_kind, reason_id, at
      FROM imported_movement
    WINDOW in_time AS (
        PARTITION BY account_id ORDER BY at, amount_fen DESC, posting_key ROWS UNBOUNDED PRECEDING
    )
"""
_FIND_OVERDRAWN = """
    SELECT FROM billing_ledger_entry AS entry
      JOIN imported_wallet AS wallet USING (account_id)
     WHERE entry.after_fen < -wallet.overdraft_fen
     LIMIT 1
"""
_OPEN_WALLETS = """
    INSERT INTO billing_wallet (account_id, cash_fen, bonus_fen, overdraft_fen, version, updated_at)
    SELECT account_id, coalesce(sum(amount_fen), 0), 0, overdraft_fen, count(at), coalesce(max(at), opened_at)
      FROM imported_wallet
      LEFT JOIN imported_movement USING (account_id)
     GROUP BY account_id, overdraft_fen, opened_at;
    DROP TABLE imported_wallet, imported_movement;
"""

_WALLET_COLUMNS = ("account_id", "overdraft_fen", "opening_fen", "opened_at")
_TOP_UP_COLUMNS = (
    *("account_id", "id", "line_id", "msisdn", "language", "payer_account_id", "amount_fen", "state", "channel"),
    *("provider", "payment_number", "provider_payment_number", "idempotency_key", "request_hash", "requested_at"),
    *("expires_at", "ask_at", "asks", "finished_at", "failure"),
)
_CHARGE_COLUMNS = (
    *("account_id", "id", "line_id", "msisdn", "head", "name", "provider_name", "amount_fen", "reason", "reason_id"),
    *("charge_key", "charged_at"),
)


class AlreadyHere(DomainError):
    """One of the accounts has a wallet here, or something comes twice."""

    code = "HISTORY_ALREADY_HERE"
    message = _("Part of this history was brought in before.")
    cure = _("Bring in accounts that have no wallet here yet.")
    http_status = 409


class HistoryOverdrawn(DomainError):
    """A wallet would have been below its floor at some moment."""

    code = "HISTORY_OVERDRAWN"
    message = _("In this history a wallet falls below its floor.")
    cure = _("Check the opening balances and the overdrafts.")


class ImportedWallet(NamedTuple):
    """A wallet as it was when its history begins: `opening_fen` of cash at `opened_at`."""

    account_id: uuid.UUID
    overdraft_fen: int
    opening_fen: int
    opened_at: datetime


class ImportedTopUp(NamedTuple):
    """Money that came in.

    :ivar provider: who took it; `provider_payment_number` is its number there.
    """

    account_id: uuid.UUID
    line_id: uuid.UUID
    msisdn: str
    language: str
    top_up_id: uuid.UUID
    amount_fen: int
    channel: str
    provider: str
    provider_payment_number: str
    credited_at: datetime


class ImportedCharge(NamedTuple):
    """Money that left; the fields are the arguments of `charge_wallet`, the key without its prefix."""

    account_id: uuid.UUID
    line_id: uuid.UUID
    msisdn: str
    head: str
    name: str
    provider_name: str
    amount_fen: int
    reason: str
    reason_id: uuid.UUID
    charge_key: str
    charged_at: datetime


def import_history(
    *, wallets: Sequence[ImportedWallet], top_ups: Sequence[ImportedTopUp], charges: Sequence[ImportedCharge]
) -> None:
    """Bring in wallets with all that moved in them, all or nothing. The entries of each follow its movements in time.

    :param wallets: of accounts that have none here.
    :param top_ups: of those accounts, in any order.
    :param charges: of those accounts, in any order.
    :raises AlreadyHere: an account has a wallet here, or a key comes twice.
    :raises HistoryOverdrawn: a wallet would have fallen below its floor.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_STAGE)
            copy_rows(cursor, "imported_wallet", _WALLET_COLUMNS, wallets)
            copy_rows(cursor, "billing_top_up", _TOP_UP_COLUMNS, _top_up_rows(top_ups))
            copy_rows(cursor, "billing_charge", _CHARGE_COLUMNS, _charge_rows(charges))
            cursor.execute(_NUMBER_PAYMENTS)
            cursor.execute(_COLLECT_MOVEMENTS)
            if cursor.rowcount != len(top_ups) + len(charges) + sum(wallet.opening_fen != 0 for wallet in wallets):
                raise ValueError("something moved in a wallet that is not among those brought in")
            cursor.execute(_POST_ENTRIES)
            cursor.execute(_FIND_OVERDRAWN)
            if cursor.rowcount:
                raise HistoryOverdrawn
            cursor.execute(_OPEN_WALLETS)
    except IntegrityError as error:
        if getattr(error.__cause__, "pgcode", "") != UNIQUE_VIOLATION:
            raise
        raise AlreadyHere from None


def _top_up_rows(top_ups: Iterable[ImportedTopUp]) -> Iterator[tuple[object, ...]]:
    lifetime = timedelta(seconds=settings.TOP_UP_LIFETIME)
    for top_up in top_ups:
        key, at = f"{IMPORT_PREFIX}{top_up.top_up_id}", top_up.credited_at
        yield (
            *(top_up.account_id, top_up.top_up_id, top_up.line_id, top_up.msisdn, top_up.language, NULL),
            *(top_up.amount_fen, TopUpState.SUCCEEDED, top_up.channel, top_up.provider, f"IMP{top_up.top_up_id.hex}"),
            *(top_up.provider_payment_number, key, "", at, at + lifetime, at + lifetime, 0, at, ""),
        )


def _charge_rows(charges: Iterable[ImportedCharge]) -> Iterator[tuple[object, ...]]:
    for charge in charges:
        key = f"{IMPORT_PREFIX}{charge.charge_key}"
        yield (
            *(charge.account_id, uuid.uuid5(charge.account_id, key), charge.line_id, charge.msisdn, charge.head),
            *(charge.name, charge.provider_name, charge.amount_fen, charge.reason, charge.reason_id),
            *(key, charge.charged_at),
        )
