"""Locks on wallets for what is decided by what an account owes: a payment takes the same lock, so that it comes before
or after, never in between. Wallets are locked before lines, as the floors of the house lie."""

import uuid
from collections.abc import Sequence

from django.db import connection

_LOCK = "SELECT account_id FROM billing_wallet WHERE account_id = %s FOR NO KEY UPDATE"
_LOCK_FREE = """
    SELECT account_id FROM billing_wallet
     WHERE account_id = ANY (%s::uuid[])
     ORDER BY account_id
       FOR NO KEY UPDATE SKIP LOCKED
"""


def lock_wallet(account_id: uuid.UUID) -> None:
    """Lock a wallet until the caller's transaction ends, after whoever has it now."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [account_id])


def lock_free_wallets(account_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Lock those wallets that nobody has locked, until the caller's transaction ends; return whose they are."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_FREE, [list(account_ids)])
        return [account_id for (account_id,) in cursor.fetchall()]
