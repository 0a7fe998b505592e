"""Wallets as such. What moves in them is `billing.operations.ledger`."""

import uuid
from datetime import datetime

from billing.operations.ledger import insert_wallet


def open_wallet(*, account_id: uuid.UUID, overdraft_fen: int = 0, now: datetime) -> None:
    """Give a new account its wallet, empty. Doing it again changes nothing.

    :param overdraft_fen: how far below zero the cash may go, in fen.
    """
    insert_wallet(account_id=account_id, overdraft_fen=overdraft_fen, now=now)
