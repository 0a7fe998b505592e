"""Reads overdrafts that are to be less than they are."""

import uuid

from django.db import connection

_LOWERABLE = """
    SELECT lowering.account_id
      FROM billing_overdraft_lowering AS lowering
      JOIN billing_wallet AS wallet ON wallet.account_id = lowering.account_id
     WHERE wallet.overdraft_fen > greatest(
               lowering.overdraft_fen, -wallet.cash_fen, wallet.held_fen - wallet.cash_fen - wallet.bonus_fen
           )
     ORDER BY lowering.account_id
     LIMIT %s
"""


def list_lowerable_account_ids(limit: int) -> list[uuid.UUID]:
    """Return accounts whose overdraft is to be less, and can be: less of it is used than it allows."""
    with connection.cursor() as cursor:
        cursor.execute(_LOWERABLE, [limit])
        return [account_id for (account_id,) in cursor.fetchall()]
