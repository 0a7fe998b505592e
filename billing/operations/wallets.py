"""Wallets as such. What moves in them is `billing.operations.ledger`."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import OverdraftChange
from billing.operations.ledger import WalletMissing, insert_wallet, replace_overdraft
from billing.queries.balance import get_balance
from kernel.errors import DomainError, NotFound
from kernel.money import yuan_text


class OverdraftInUse(DomainError):
    """More of the overdraft is used or set aside than the new one would allow."""

    code = "OVERDRAFT_IN_USE"

    def __init__(self, *, used_fen: int) -> None:
        super().__init__(
            _("%(used)s yuan of the overdraft are in use; it cannot be less.") % {"used": yuan_text(used_fen)}
        )


def open_wallet(*, account_id: uuid.UUID, overdraft_fen: int = 0, now: datetime) -> None:
    """Give a new account its wallet, empty. Doing it again changes nothing.

    :param overdraft_fen: how far below zero the cash may go, in fen.
    """
    insert_wallet(account_id=account_id, overdraft_fen=overdraft_fen, now=now)


def set_overdraft(*, account_id: uuid.UUID, overdraft_fen: int, reason: str, now: datetime) -> None:
    """Change how far a wallet may go below zero, as a credit star allows, and keep why. The same again changes nothing.

    :param overdraft_fen: 0 or more.
    :param reason: in words for staff, 200 characters at most.
    :raises OverdraftInUse: more than that is used or set aside.
    :raises WalletMissing: the account has no wallet.
    """
    if overdraft_fen < 0:
        raise ValueError("an overdraft is not negative")
    with transaction.atomic():
        before_fen = replace_overdraft(account_id=account_id, overdraft_fen=overdraft_fen)
        if before_fen is None:
            raise _refusal(account_id)
        if before_fen != overdraft_fen:
            OverdraftChange.objects.create(
                account_id=account_id, before_fen=before_fen, after_fen=overdraft_fen, reason=reason, changed_at=now
            )


def _refusal(account_id: uuid.UUID) -> DomainError:
    try:
        return OverdraftInUse(used_fen=get_balance(account_id).overdraft_used_fen)
    except NotFound:
        return WalletMissing()
