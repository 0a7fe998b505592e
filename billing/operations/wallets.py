"""Wallets as such. What moves in them is `billing.operations.ledger`."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import OverdraftChange, OverdraftLowering, Wallet
from billing.operations.ledger import WalletMissing, insert_wallet, replace_overdraft, replace_overdrafts
from billing.queries.balance import get_balance
from billing.queries.overdrafts import list_lowerable_account_ids
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


def follow_stars(*, overdrafts: Mapping[uuid.UUID, int], reason: str, now: datetime) -> int:
    """Let wallets go as far below zero as their accounts' stars allow, and keep why. The same again changes nothing.

    More is granted at once. Less is never less than what is used or set aside: such a wallet gets no new room, and
    follows by `lower_overdrafts` as money comes in.

    :param overdrafts: fen by account, 0 or more; accounts without a wallet are left out.
    :param reason: in words for staff, 200 characters at most.
    :return: how many overdrafts were changed.
    """
    with transaction.atomic():
        replaced = replace_overdrafts(overdrafts=overdrafts)
        changed = [
            OverdraftChange(
                account_id=account_id,
                id=uuid.uuid5(account_id, f"{reason}|{before_fen}|{after_fen}|{now}"),
                before_fen=before_fen,
                after_fen=after_fen,
                reason=reason,
                changed_at=now,
            )
            for account_id, before_fen, after_fen in replaced
            if before_fen != after_fen
        ]
        OverdraftChange.objects.bulk_create(changed)
        in_use = {account_id for account_id, _before, after_fen in replaced if after_fen > overdrafts[account_id]}
        OverdraftLowering.objects.filter(account_id__in=overdrafts.keys() - in_use).delete()
        OverdraftLowering.objects.bulk_create(
            [
                OverdraftLowering(account_id=account_id, overdraft_fen=overdrafts[account_id], reason=reason, since=now)
                for account_id in sorted(in_use)
            ],
            update_conflicts=True,
            unique_fields=["account"],
            update_fields=["overdraft_fen", "reason"],
        )
    return len(changed)


def lower_overdrafts(*, now: datetime, limit: int = 1_000) -> int:
    """Lower overdrafts that were to be less and were in use, as far as their use lets them by now.

    :param limit: how many at once.
    :return: how many were lowered.
    """
    with transaction.atomic():
        found = list_lowerable_account_ids(limit)
        # The wallet's row is the lock of its overdraft: what a rating wants meanwhile is seen after it was had.
        list(Wallet.objects.filter(account_id__in=found).order_by("account_id").select_for_update(no_key=True))
        by_reason: dict[str, dict[uuid.UUID, int]] = {}
        for row in OverdraftLowering.objects.filter(account_id__in=found):
            by_reason.setdefault(row.reason, {})[row.account_id] = row.overdraft_fen
        return sum(
            follow_stars(overdrafts=overdrafts, reason=reason, now=now) for reason, overdrafts in by_reason.items()
        )


def _refusal(account_id: uuid.UUID) -> DomainError:
    try:
        return OverdraftInUse(used_fen=get_balance(account_id).overdraft_used_fen)
    except NotFound:
        return WalletMissing()
