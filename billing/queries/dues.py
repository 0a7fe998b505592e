"""Reads what accounts owe. The one ownership rule: a due charge is reached through its account."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, QuerySet, Sum

from billing.models import Charge, ChargeReason
from kernel.clock import Month

# The oldest due charge of each account, where the wallet reaches for it. With bonus that has expired and was not taken
# out yet it only looks so.
_PAYABLE_ACCOUNTS = """
    SELECT due.account_id
      FROM (
          SELECT DISTINCT ON (account_id) account_id, amount_fen
            FROM billing_charge
           WHERE settled_at IS NULL
           ORDER BY account_id, charged_at, id
      ) AS due
      JOIN billing_wallet AS wallet ON wallet.account_id = due.account_id
     WHERE wallet.cash_fen + wallet.bonus_fen + wallet.overdraft_fen - wallet.held_fen >= due.amount_fen
     LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Due:
    """What an account owes: charges that its wallet did not reach for.

    :ivar since: when the oldest of them was charged; None when nothing is owed.
    """

    due_fen: int
    charges: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class DueCharge:
    """One charge that is owed."""

    charge_id: uuid.UUID
    name: str
    provider_name: str
    msisdn: str
    amount_fen: int
    reason: ChargeReason
    charged_at: datetime


def get_due(account_id: uuid.UUID) -> Due:
    """Return what an account owes; nothing is zero."""
    sums = _due(account_id).aggregate(fen=Sum("amount_fen"), many=Count("charged_at"), since=Min("charged_at"))
    return Due(due_fen=int(sums["fen"] or 0), charges=sums["many"], since=sums["since"])


def list_dues(account_id: uuid.UUID, limit: int = 100) -> list[DueCharge]:
    """Return what an account owes, charge by charge, in the order in which it is paid: the oldest first."""
    rows = (
        _due(account_id)
        .order_by("charged_at", "id")
        .values_list("id", "name", "provider_name", "msisdn", "amount_fen", "reason", "charged_at")[:limit]
    )
    return [
        DueCharge(charge_id, name, provider_name, msisdn, amount_fen, ChargeReason(reason), charged_at)
        for charge_id, name, provider_name, msisdn, amount_fen, reason, charged_at in rows
    ]


def is_owing(account_id: uuid.UUID) -> bool:
    """Return whether an account owes anything."""
    return _due(account_id).exists()


def list_owing_account_ids(account_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return those of many accounts that owe anything."""
    due = Charge.objects.filter(account_id__in=account_ids, settled_at=None)
    return list(due.order_by().values_list("account_id", flat=True).distinct())


def get_due_date(month: Month) -> date:
    """Return the last day on which what was charged in a month can be paid without a late fee, in Asia/Shanghai."""
    return month.next.first_date + timedelta(days=settings.LATE_FEE_AFTER_DAYS - 1)


def list_payable_account_ids(limit: int) -> list[uuid.UUID]:
    """Return accounts that owe something which their wallets reach for, for the sweeper."""
    with connection.cursor() as cursor:
        cursor.execute(_PAYABLE_ACCOUNTS, [limit])
        return [account_id for (account_id,) in cursor.fetchall()]


def _due(account_id: uuid.UUID) -> QuerySet[Charge]:
    return Charge.objects.filter(account_id=account_id, settled_at=None)
