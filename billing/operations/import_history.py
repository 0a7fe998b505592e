"""Brings wallets with their past into the house, for customers who come from another system.

Beside `ledger` the only writer of wallets and entries: there each posting stands on the last; here the past is
complete, and its chain is computed in one statement.

The other system has told its customers what it charged and credited. What comes from there has keys that begin with
"import:", and no texts are queued for it; `billing.queries.audit` knows.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg2.errorcodes import UNIQUE_VIOLATION

from kernel.copy_rows import copy_rows
from kernel.errors import DomainError

_STAGE = """
    CREATE TEMPORARY TABLE imported_wallet (
        account_id uuid, overdraft_fen bigint, opening_fen bigint, opened_at timestamptz
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE imported_top_up (
        account_id uuid, line_id uuid, msisdn text, language text, id uuid, amount_fen bigint, channel text,
        provider text, provider_payment_number text, credited_at timestamptz
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE imported_charge (LIKE billing_charge) ON COMMIT DROP;
    CREATE TEMPORARY TABLE imported_movement (
        account_id uuid, at timestamptz, amount_fen bigint, counterpart text, posting_key text, reason_kind text,
        reason_id uuid
    ) ON COMMIT DROP;
"""
_UNSTAGE = "DROP TABLE imported_wallet, imported_top_up, imported_charge, imported_movement"
_WALLET_COLUMNS = ("account_id", "overdraft_fen", "opening_fen", "opened_at")
_TOP_UP_COLUMNS = (
    *("account_id", "line_id", "msisdn", "language", "id", "amount_fen", "channel", "provider"),
    *("provider_payment_number", "credited_at"),
)
_CHARGE_COLUMNS = (
    *("id", "account_id", "line_id", "msisdn", "head", "name", "provider_name", "amount_fen", "reason", "reason_id"),
    *("charge_key", "charged_at", "settled_at"),
)

_INSERT_TOP_UPS = """
    INSERT INTO billing_top_up (
        account_id, id, line_id, msisdn, language, amount_fen, state, channel, provider, payment_number,
        provider_payment_number, idempotency_key, request_hash, requested_at, expires_at, ask_at, asks, finished_at,
        failure
    )
    SELECT account_id, id, line_id, msisdn, language, amount_fen, 'SUCCEEDED', channel, provider,
           'IMP' || md5(id::text), provider_payment_number, 'import:' || id, '', credited_at, credited_at, credited_at,
           0, credited_at, ''
      FROM imported_top_up;

    INSERT INTO billing_payment_number (payment_number, account_id, top_up_id)
    SELECT 'IMP' || md5(id::text), account_id, id FROM imported_top_up;
"""
_INSERT_CHARGES = "INSERT INTO billing_charge SELECT * FROM imported_charge"
_COLLECT_MOVEMENTS = """
    INSERT INTO imported_movement
    SELECT account_id, opened_at, opening_fen, 'OPENING', 'opening', 'OPENING', account_id
      FROM imported_wallet
     WHERE opening_fen <> 0
    UNION ALL
    SELECT account_id, credited_at, amount_fen, 'PAYMENTS', 'top-up:' || id, 'TOP_UP', id FROM imported_top_up
    UNION ALL
    SELECT account_id, charged_at, -amount_fen, 'REVENUE', 'charge:' || id, 'CHARGE', id FROM imported_charge;

    ANALYZE imported_wallet, imported_movement;
"""
# Of what happened in one instant, money came in before money went out.
_POST_ENTRIES = """
    WITH posted AS (
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
        RETURNING account_id, after_fen
    )
    SELECT EXISTS (
        SELECT FROM posted JOIN imported_wallet AS wallet USING (account_id) WHERE after_fen < -overdraft_fen
    ), EXISTS (
        SELECT FROM posted WHERE account_id NOT IN (SELECT account_id FROM imported_wallet)
    )
"""
_OPEN_WALLETS = """
    INSERT INTO billing_wallet (account_id, cash_fen, bonus_fen, overdraft_fen, version, updated_at)
    SELECT account_id, coalesce(sum(amount_fen), 0), 0, overdraft_fen, count(at), coalesce(max(at), opened_at)
      FROM imported_wallet
      LEFT JOIN imported_movement USING (account_id)
     GROUP BY account_id, overdraft_fen, opened_at
"""


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
            copy_rows(cursor, "imported_top_up", _TOP_UP_COLUMNS, top_ups)
            copy_rows(cursor, "imported_charge", _CHARGE_COLUMNS, map(_charge_row, charges))
            cursor.execute(_INSERT_TOP_UPS)
            cursor.execute(_INSERT_CHARGES)
            cursor.execute(_COLLECT_MOVEMENTS)
            cursor.execute(_POST_ENTRIES)
            is_overdrawn, is_of_others = cursor.fetchone()
            if is_of_others:
                raise ValueError("something moved in a wallet that is not among those brought in")
            if is_overdrawn:
                raise HistoryOverdrawn
            cursor.execute(_OPEN_WALLETS)
            cursor.execute(_UNSTAGE)
    except IntegrityError as error:
        if getattr(error.__cause__, "pgcode", "") != UNIQUE_VIOLATION:
            raise
        raise AlreadyHere from None


def _charge_row(charge: ImportedCharge) -> tuple[object, ...]:
    """The row of a charge: its key shows where it comes from, and makes its id as that of any charge."""
    key = f"import:{charge.charge_key}"
    return uuid.uuid5(charge.account_id, key), *charge._replace(charge_key=key), charge.charged_at
