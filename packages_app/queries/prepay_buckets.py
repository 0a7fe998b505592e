"""Reads what is left on the accounts a caller of the REST face may see, money and allowances alike, as one list."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    F,
    Field,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast, Lower

from accounts.models import Line, LineState, NumberDirectory
from accounts.queries.customers import list_masked_names
from accounts.queries.visible_accounts import limit_to_visible
from billing.models import Wallet
from kernel.ids import NIL
from kernel.sight import Sight
from packages_app.models import Bucket
from packages_app.queries.terms import get_name

MONETARY = "monetary"
ACTIVE = "active"
SUSPENDED = "suspended"

_COLUMNS = (
    "account_id", "row_id", "line_id", "subscription_id", "usage_type", "status", "remaining", "reserved", "opened_at",
    "starts_at", "ends_at", "customer_id", "terms", "numbers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PrepayBucket:
    """A wallet or one allowance in force.

    :ivar row_id: the allowance's id; nil for the wallet, of which an account has one.
    :ivar usage_type: "monetary" (in fen), "data" (bytes), "voice" (seconds) or "sms" (messages).
    :ivar remaining: what is left, `reserved` how much of it is set aside.
    :ivar numbers: E.164 of the lines that may use it.
    :ivar product_name: what the allowance came with, empty for the wallet.
    :ivar customer_name: masked.
    """

    account_id: uuid.UUID
    row_id: uuid.UUID
    subscription_id: uuid.UUID | None
    usage_type: str
    status: str
    remaining: int
    reserved: int
    opened_at: datetime
    starts_at: datetime
    ends_at: datetime | None
    numbers: Sequence[str]
    product_name: str
    customer_id: uuid.UUID
    customer_name: str


def list_visible_bucket_rows(*, sight: Sight, now: datetime) -> Sequence[QuerySet[Any, dict[str, Any]]]:
    """Return the wallets and the allowances in force at `now` of the accounts that the caller may see.

    :return: two querysets with the same columns, to be filtered alike and united; `list_prepay_buckets` completes
        the rows that were picked.
    """
    customer = F("account__customer_id")
    in_use = Line.objects.filter(account_id=OuterRef("account_id")).exclude(state=LineState.CLOSED).order_by("id")
    wallets = limit_to_visible(Wallet.objects.all(), sight=sight).annotate(
        row_id=Value(NIL, UUIDField()),
        line_id=_null(UUIDField()),
        subscription_id=_null(UUIDField()),
        usage_type=Value(MONETARY, CharField()),
        status=Value(ACTIVE, CharField()),
        remaining=F("cash_fen") + F("bonus_fen"),
        reserved=F("held_fen"),
        opened_at=F("account__created_at"),
        starts_at=F("account__created_at"),
        ends_at=_null(DateTimeField()),
        customer_id=customer,
        terms=_null(JSONField()),
        numbers=ArraySubquery(in_use.values("msisdn")),
    )
    allowances = (
        limit_to_visible(Bucket.objects.filter(starts_at__lte=now, ends_at__gt=now), sight=sight)
        .exclude(line__state=LineState.CLOSED)
        .annotate(
            row_id=F("id"),
            usage_type=Lower("usage_kind"),
            status=Case(
                When(line__state=LineState.SUSPENDED, then=Value(SUSPENDED)),
                default=Value(ACTIVE),
                output_field=CharField(),
            ),
            remaining=F("total") - F("used"),
            reserved=Value(0, BigIntegerField()),
            opened_at=F("starts_at"),
            customer_id=customer,
            terms=F("subscription__terms"),
            numbers=Func("line__msisdn", template="ARRAY[%(expressions)s]", output_field=ArrayField(CharField())),
        )
    )
    return wallets.values(*_COLUMNS), allowances.values(*_COLUMNS)


def list_prepay_buckets(rows: Sequence[dict[str, Any]], *, language: str) -> list[PrepayBucket]:
    """Complete picked rows with product names and masked customer names; one query, however many rows."""
    names = list_masked_names({row["customer_id"] for row in rows})
    return [
        PrepayBucket(
            account_id=row["account_id"],
            row_id=row["row_id"],
            subscription_id=row["subscription_id"],
            usage_type=row["usage_type"],
            status=row["status"],
            remaining=row["remaining"],
            reserved=row["reserved"],
            opened_at=row["opened_at"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            numbers=row["numbers"],
            product_name=get_name(row["terms"], language) if row["terms"] else "",
            customer_id=row["customer_id"],
            customer_name=names[row["customer_id"]],
        )
        for row in rows
    ]


def get_bucket_condition(msisdns: Sequence[str]) -> Q | None:
    """Return the condition that a listed row is used by one of these numbers: its allowance, or its account's wallet.

    :param msisdns: E.164.
    :return: None when none of the numbers is in use.
    """
    condition: Q | None = None
    for entry in NumberDirectory.objects.filter(msisdn__in=msisdns):
        of_line = Q(line_id=entry.line_id) | Q(line_id__isnull=True)
        found = Q(of_line, account_id=entry.account_id)
        condition = found if condition is None else condition | found
    return condition


def _null(kind: "Field[Any, Any]") -> Cast:
    """Return a null of a kind: in a union that is put in order by it, the database takes a bare one for text."""
    return Cast(Value(None), kind)


def list_numbers_by_account(account_ids: set[uuid.UUID]) -> dict[uuid.UUID, list[tuple[uuid.UUID, str]]]:
    """Return id and number (E.164) of the lines in use of accounts; one query, however many there are."""
    lines = Line.objects.filter(account_id__in=account_ids).exclude(state=LineState.CLOSED).order_by("id")
    found: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = {}
    for account_id, line_id, msisdn in lines.values_list("account_id", "id", "msisdn"):
        found.setdefault(account_id, []).append((line_id, msisdn))
    return found
