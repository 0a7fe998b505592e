"""Reads balances."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from billing.models import Wallet
from kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has, in fen."""

    cash_fen: int
    bonus_fen: int
    held_fen: int
    overdraft_fen: int
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
    def overdraft_used_fen(self) -> int:
        """How much of the overdraft is spent or set aside."""
        return max(-self.cash_fen, self.held_fen - self.total_fen, 0)


def get_balance(account_id: uuid.UUID) -> Balance:
    """Return the balance of an account.

    :raises NotFound: the account has no wallet.
    """
    row = (
        Wallet.objects.filter(account_id=account_id)
        .values_list("cash_fen", "bonus_fen", "held_fen", "overdraft_fen", "updated_at")
        .first()
    )
    if row is None:
        raise NotFound
    return Balance(*row)
