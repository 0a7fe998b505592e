"""Reads what accounts have left in all, by what it can be spent on."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Lower

from accounts.models import LineState, NumberDirectory
from accounts.queries.customers import list_masked_names
from accounts.queries.visible_accounts import limit_to_visible
from billing.models import Wallet
from kernel.ids import NIL
from kernel.sight import Sight
from packages_app.models import Bucket
from packages_app.queries.prepay_buckets import MONETARY, list_numbers_by_account

_COLUMNS = ("account_id", "usage_type", "of_customer_id", "total_left")
# The id of a sum beside its account: one for each thing it can be of.
SUM_IDS = {MONETARY: NIL, "data": uuid.UUID(int=1), "voice": uuid.UUID(int=2), "sms": uuid.UUID(int=3)}


@dataclass(frozen=True, slots=True)
class AccumulatedBalance:
    """What an account has left of one thing, over all its buckets in force.

    :ivar usage_type: "monetary" (in fen), "data" (bytes), "voice" (seconds) or "sms" (messages).
    :ivar bucket_ids: ids of those buckets; nil for the wallet.
    :ivar numbers: E.164 of the account's lines in use.
    :ivar customer_name: masked.
    """

    account_id: uuid.UUID
    usage_type: str
    total: int
    bucket_ids: Sequence[uuid.UUID]
    numbers: Sequence[str]
    customer_id: uuid.UUID
    customer_name: str


def list_visible_sums(*, sight: Sight, now: datetime) -> Sequence[QuerySet[Any, dict[str, Any]]]:
    """Return the sums of the accounts that the caller may see: one of money, one of each kind of allowance in force.

    :return: two querysets with the same columns, to be filtered alike and united; `list_accumulated_balances` completes
        the rows that were picked.
    """
    customer = F("account__customer_id")
    wallets = limit_to_visible(Wallet.objects.all(), sight=sight).annotate(
        usage_type=Value(MONETARY, CharField()), of_customer_id=customer, total_left=F("cash_fen") + F("bonus_fen")
    )
    allowances = (
        _in_force(now)
        .annotate(usage_type=Cast(Lower("usage_kind"), CharField()), of_customer_id=customer)
        .values("account_id", "usage_type", "of_customer_id")
        .annotate(total_left=Cast(Sum(F("total") - F("used")), Wallet._meta.get_field("cash_fen")))
    )
    return wallets.values(*_COLUMNS), limit_to_visible(allowances, sight=sight).values(*_COLUMNS)


def list_accumulated_balances(rows: Sequence[dict[str, Any]], *, now: datetime) -> list[AccumulatedBalance]:
    """Complete picked rows with buckets, numbers and masked customer names; three queries, however many rows."""
    accounts = {row["account_id"] for row in rows}
    numbers = list_numbers_by_account(accounts)
    names = list_masked_names({row["of_customer_id"] for row in rows})
    buckets: dict[tuple[uuid.UUID, str], list[uuid.UUID]] = {(account, MONETARY): [NIL] for account in accounts}
    of_them = _in_force(now).filter(account_id__in=accounts).order_by("account_id", "id")
    for account_id, kind, bucket_id in of_them.values_list("account_id", "usage_kind", "id"):
        buckets.setdefault((account_id, kind.lower()), []).append(bucket_id)
    return [
        AccumulatedBalance(
            account_id=row["account_id"],
            usage_type=row["usage_type"],
            total=row["total_left"],
            bucket_ids=buckets[row["account_id"], row["usage_type"]],
            numbers=[msisdn for _line, msisdn in numbers.get(row["account_id"], ())],
            customer_id=row["of_customer_id"],
            customer_name=names[row["of_customer_id"]],
        )
        for row in rows
    ]


def get_account_condition(msisdns: Sequence[str]) -> Q | None:
    """Return the condition that a row belongs to the account of one of these numbers.

    :param msisdns: E.164.
    :return: None when none of the numbers is in use.
    """
    accounts = list(NumberDirectory.objects.filter(msisdn__in=msisdns).values_list("account_id", flat=True))
    return Q(account_id__in=accounts) if accounts else None


def _in_force(now: datetime) -> QuerySet[Bucket]:
    return Bucket.objects.filter(starts_at__lte=now, ends_at__gt=now).exclude(line__state=LineState.CLOSED)
