"""Where money moves: the only writer of wallets and entries.

Behind it stands one piece of SQL, billing/sql/post_entries.sql.
"""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Counterpart, MoneyBucket, TopUp
from billing.queries.dues import is_owing, list_owing_account_ids
from billing.task_names import SETTLE_DUES
from kernel.enqueue import enqueue_after_commit
from kernel.errors import DomainError

_POST_ENTRIES = "SELECT * FROM billing_post_entries(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_TOP_UP_COLUMNS = [field.attname for field in TopUp._meta.concrete_fields]
_CONFIRM_TOP_UP = f"""
    SELECT balance_fen, is_owing, {", ".join(f"(top_up).{column}" for column in _TOP_UP_COLUMNS)}
      FROM billing_confirm_top_up(%s, %s, %s, %s, %s, %s, %s)
"""  # noqa: S608 (the names of our own columns)
_INSERT_WALLET = """
    INSERT INTO billing_wallet (account_id, cash_fen, bonus_fen, overdraft_fen, version, updated_at)
    VALUES (%s, 0, 0, %s, 0, %s)
    ON CONFLICT (account_id) DO NOTHING
"""
# The conditions are looked at again on the row as it is once its lock is had: nothing is spent in between.
_SET_OVERDRAFT = """
    UPDATE billing_wallet AS wallet
       SET overdraft_fen = %(fen)s
      FROM (
          SELECT account_id, overdraft_fen FROM billing_wallet WHERE account_id = %(account)s FOR NO KEY UPDATE
      ) AS was
     WHERE wallet.account_id = %(account)s AND was.account_id = wallet.account_id
       AND wallet.cash_fen >= -%(fen)s AND wallet.cash_fen + wallet.bonus_fen - wallet.held_fen >= -%(fen)s
    RETURNING was.overdraft_fen
"""
# Locked in the order of accounts, so that it waits for batches of charges and never deadlocks with them.
_SET_OVERDRAFTS = """
    WITH wanted AS (
        SELECT * FROM unnest(%(accounts)s::uuid[], %(fen)s::bigint[]) AS wanted (account_id, fen)
    ), was AS (
        SELECT wallet.account_id, wallet.overdraft_fen,
               greatest(
                   wanted.fen, -wallet.cash_fen, wallet.held_fen - wallet.cash_fen - wallet.bonus_fen
               ) AS reachable_fen
          FROM billing_wallet AS wallet
          JOIN wanted ON wanted.account_id = wallet.account_id
         ORDER BY wallet.account_id
           FOR NO KEY UPDATE OF wallet
    )
    UPDATE billing_wallet AS wallet
       SET overdraft_fen = was.reachable_fen
      FROM was
     WHERE wallet.account_id = was.account_id
    RETURNING wallet.account_id, was.overdraft_fen, wallet.overdraft_fen
"""
_TAKE_BACK_BONUS = "SELECT billing_take_back_bonus(%s, %s, %s, %s, %s, %s)"
_EXPIRE_BONUSES = "SELECT billing_expire_bonuses(%s, %s)"
# Wallets that hold something are left to their next posting, so that gifts that wait for a hold never fill the list.
_WITH_EXPIRED_BONUS = """
    SELECT DISTINCT gift.account_id
      FROM (
          SELECT gift.account_id
            FROM billing_bonus_grant AS gift
            JOIN billing_wallet AS wallet ON wallet.account_id = gift.account_id
           WHERE gift.left_fen > 0 AND gift.expires_at <= %s AND wallet.held_fen = 0
           ORDER BY gift.expires_at
           LIMIT %s
      ) AS gift
"""


class InsufficientBalance(DomainError):
    """The wallet would fall below its floor."""

    code = "INSUFFICIENT_BALANCE"
    message = _("The balance is not enough.")
    cure = _("Top up and try again.")


class IdempotencyConflict(DomainError):
    """The key was used before, for something else."""

    code = "IDEMPOTENCY_CONFLICT"
    message = _("This request was already made with other details.")
    cure = _("Start again to make a new request.")


class WalletMissing(DomainError):
    """The account has no wallet."""

    code = "WALLET_MISSING"
    message = _("This account has no wallet.")
    cure = _("Ask our staff to look at the account.")


_REFUSALS: dict[str, type[DomainError]] = {
    "LG001": IdempotencyConflict,
    "LG002": InsufficientBalance,
    "LG003": WalletMissing,
}


@dataclass(frozen=True, slots=True)
class Posting:
    """The wallet right after a posting. `repeated`: the key had been posted before, and nothing moved this time."""

    cash_fen: int
    bonus_fen: int
    version: int
    repeated: bool

    @property
    def total_fen(self) -> int:
        return self.cash_fen + self.bonus_fen


def post_entries(
    *,
    account_id: uuid.UUID,
    posting_key: str,
    amount_fen: int,
    counterpart: Counterpart,
    reason_kind: str,
    reason_id: uuid.UUID,
    now: datetime,
    bucket: MoneyBucket = MoneyBucket.CASH,
    bonus_expires_at: datetime | None = None,
    held_change_fen: int = 0,
    cash_only: bool = False,
) -> Posting:
    """Move money into or out of a wallet, once per key, in the caller's transaction. One round trip.

    When the wallet reaches further afterwards, what the account owes is paid soon (`billing.operations.dues`).

    A refusal comes from the database and spoils the transaction it happens in: who wants to go on afterwards calls this
    inside an `atomic()` of its own.

    :param posting_key: names the reason, such as "top-up:<id>"; unique per account, 120 characters at most.
    :param amount_fen: positive comes in; negative leaves: bonus first, of it what expires first, then cash, down to
        minus the overdraft. 0 only with a `held_change_fen`; then no entry is written and the key is not remembered.
    :param counterpart: where it comes from or goes.
    :param reason_kind: TOP_UP, CHARGE, OPENING …; `reason_id` is the row that shows why.
    :param bucket: which money a credit becomes; a debit ignores it.
    :param bonus_expires_at: until when a credit to BONUS may be spent; None is for ever.
    :param held_change_fen: set aside (positive) or set free; for `billing.operations.holds` alone.
    :param cash_only: of a debit: it leaves the cash that is there, neither bonus nor overdraft.
    :return: balances and version after the posting; of the first one, if the key was met before with the same data.
    :raises InsufficientBalance: the wallet would fall below its floor.
    :raises IdempotencyConflict: the key was used before with other data.
    :raises WalletMissing: the account has no wallet.
    """
    if amount_fen == 0 and held_change_fen == 0:
        raise ValueError("a posting moves money")
    from_or_to = "CASH_ONLY" if cash_only else bucket
    request_hash = _request_hash(amount_fen, from_or_to, counterpart, reason_kind, reason_id)
    values: list[Any] = [
        account_id,
        posting_key,
        request_hash,
        amount_fen,
        from_or_to,
        counterpart,
        reason_kind,
        reason_id,
        now,
        bonus_expires_at,
        held_change_fen,
    ]
    with ledger_refusals(), connection.cursor() as cursor:
        cursor.execute(_POST_ENTRIES, values)
        posting = Posting(*cursor.fetchone())
    if amount_fen > held_change_fen:
        settle_dues_later(account_id=account_id)
    return posting


def credit_top_up(
    *, account_id: uuid.UUID, top_up_id: uuid.UUID, paid_fen: int, provider_payment_number: str, now: datetime
) -> tuple[TopUp, int] | None:
    """Mark a top-up as paid and post its credit, once, in the caller's transaction. One round trip.

    `billing.operations.top_ups.confirm_top_up` is the verb; this is where its money moves.

    :param paid_fen: what arrived; must be the top-up's amount.
    :return: the top-up and the balance after it in fen; None when it is credited already, of another amount, or not
        there.
    :raises IdempotencyConflict, WalletMissing: as `post_entries`.
    """
    key = f"top-up:{top_up_id}"
    request_hash = _request_hash(paid_fen, MoneyBucket.CASH, Counterpart.PAYMENTS, "TOP_UP", top_up_id)
    values: list[Any] = [account_id, top_up_id, paid_fen, provider_payment_number, key, request_hash, now]
    with ledger_refusals(), connection.cursor() as cursor:
        cursor.execute(_CONFIRM_TOP_UP, values)
        row = cursor.fetchone()
    if row is None:
        return None
    balance_fen, is_owed, *top_up = row
    if is_owed:
        _nudge(account_id)
    return TopUp.from_db(None, _TOP_UP_COLUMNS, top_up), balance_fen


def insert_wallet(*, account_id: uuid.UUID, overdraft_fen: int, now: datetime) -> None:
    """Insert an empty wallet unless the account has one. Others call `billing.operations.wallets.open_wallet`.

    :param overdraft_fen: how far below zero the cash may go.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_WALLET, [account_id, overdraft_fen, now])


def replace_overdraft(*, account_id: uuid.UUID, overdraft_fen: int) -> int | None:
    """Change how far below zero a wallet may go. Others call `billing.operations.wallets.set_overdraft`.

    :param overdraft_fen: not negative.
    :return: the overdraft before; None when there is no wallet or more than that is used or held.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SET_OVERDRAFT, {"account": account_id, "fen": overdraft_fen})
        row = cursor.fetchone()
    if row is None:
        return None
    if row[0] < overdraft_fen:
        settle_dues_later(account_id=account_id)
    return int(row[0])


def replace_overdrafts(*, overdrafts: Mapping[uuid.UUID, int]) -> list[tuple[uuid.UUID, int, int]]:
    """Change how far below zero many wallets may go. Others call `billing.operations.wallets.follow_stars`.

    Where more than that is used or held, the overdraft becomes what is used: no wallet is ever below its floor.

    :param overdrafts: fen by account, not negative.
    :return: account, overdraft before and after, of each account that has a wallet; their rows stay locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SET_OVERDRAFTS, {"accounts": list(overdrafts), "fen": list(overdrafts.values())})
        replaced = [(account_id, int(before), int(after)) for account_id, before, after in cursor.fetchall()]
    for account_id in list_owing_account_ids([account_id for account_id, before, after in replaced if before < after]):
        _nudge(account_id)
    return replaced


def expire_bonuses(*, now: datetime, limit: int = 1_000) -> int:
    """Take what is left of expired bonus out of the wallets, each gift once; a chunk is committed by itself.

    A gift that a hold leans on stays until the hold has ended. Any posting does the same for its own wallet first.

    :param limit: gifts in one chunk, roughly: of a wallet that is in it all expired gifts go.
    :return: how many gifts have gone.
    """
    gone = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_WITH_EXPIRED_BONUS, [now, limit])
            account_ids = [account_id for (account_id,) in cursor.fetchall()]
            if not account_ids:
                return gone
            cursor.execute(_EXPIRE_BONUSES, [account_ids, now])
            gone += cursor.fetchone()[0]


def take_back_bonus(
    *, account_id: uuid.UUID, top_up_id: uuid.UUID, most_fen: int, refund_id: uuid.UUID, now: datetime
) -> int:
    """Take back what is left of the bonus that came with a top-up, once per refund, in the caller's transaction.

    :param most_fen: at most this much.
    :return: how much was taken, in fen; what was spent or is set aside stays.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK_BONUS, [account_id, top_up_id, most_fen, f"bonus-back:{refund_id}", refund_id, now])
        return int(cursor.fetchone()[0])


def settle_dues_later(*, account_id: uuid.UUID) -> None:
    """Have what an account owes, if anything, paid after the commit: its wallet reaches further than before."""
    if is_owing(account_id):
        _nudge(account_id)


def _nudge(account_id: uuid.UUID) -> None:
    enqueue_after_commit(SETTLE_DUES, account_id=str(account_id))


def _request_hash(*details: object) -> str:
    return hashlib.sha256("|".join(map(str, details)).encode()).hexdigest()


@contextmanager
def ledger_refusals() -> Iterator[None]:
    """Turn the refusals of the SQL function, and of functions that call it, into the errors of this module."""
    try:
        yield
    except DatabaseError as error:
        refusal = _REFUSALS.get(getattr(error.__cause__, "pgcode", None) or "")
        if refusal is None:
            raise
        raise refusal from error
