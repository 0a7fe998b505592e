"""Reads balances."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from billing.models import LedgerEntry
from kernel.errors import NotFound

_BALANCE = """
    SELECT cash_fen, bonus_fen, held_fen, overdraft_fen,
           coalesce((SELECT sum(amount_fen)
                       FROM billing_charge AS charge
                      WHERE charge.account_id = wallet.account_id AND settled_at IS NULL), 0)::bigint,
           updated_at
      FROM billing_wallet AS wallet
     WHERE account_id = %s
"""


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has, in fen.

    :ivar owed_fen: charges that the wallet did not reach for; they are not in any of the other amounts.
    """

    cash_fen: int
    bonus_fen: int
    held_fen: int
    overdraft_fen: int
    owed_fen: int
    updated_at: datetime

    @property
    def total_fen(self) -> int:
        """Cash and bonus; below zero when the overdraft is in use."""
        return self.cash_fen + self.bonus_fen

    @property
    def available_fen(self) -> int:
        """What can be spent now, the overdraft included, what is set aside not."""
        return self.total_fen + self.overdraft_fen - self.held_fen

    @property
    def net_fen(self) -> int:
        """What is left of cash and bonus once all that is owed is paid."""
        return self.total_fen - self.owed_fen

    @property
    def missing_fen(self) -> int:
        """How much has to come in until all that is owed is paid."""
        return max(self.owed_fen - self.available_fen, 0)

    @property
    def overdraft_used_fen(self) -> int:
        """How much of the overdraft is spent or set aside."""
        return max(-self.cash_fen, self.held_fen - self.total_fen, 0)

    @property
    def overdraft_left_fen(self) -> int:
        """How much of the overdraft can be used still."""
        return self.overdraft_fen - self.overdraft_used_fen


def get_balance(account_id: uuid.UUID) -> Balance:
    """Return the balance of an account; one plain statement, since the first page asks it.

    :raises NotFound: the account has no wallet.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE, [account_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    return Balance(*row)


def get_balance_after_charge(account_id: uuid.UUID, charge_id: uuid.UUID) -> int | None:
    """Return the balance in fen right after a charge was paid; None while it is owed, and without such a charge."""
    entries = LedgerEntry.objects.filter(account_id=account_id)
    paid = entries.filter(reason_kind="CHARGE", reason_id=charge_id).order_by("-version").values("version").first()
    if paid is None:
        return None
    latest = entries.filter(version__lte=paid["version"]).order_by("bucket", "-version").distinct("bucket")
    return sum(latest.values_list("after_fen", flat=True))
