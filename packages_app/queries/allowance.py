"""Reads what a line has left of what it bought, this month."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, Q, When

from kernel.clock import month_of
from packages_app.models import AllowanceScope, Bucket, UsageCounter, UsageKind
from packages_app.queries.terms import get_name


@dataclass(frozen=True, slots=True)
class BucketLeft:
    """One allowance in force. Amounts are bytes, seconds or messages.

    :ivar terms: what it came with, as sold.
    :ivar ends_at: when what is left is lost.
    :ivar scope: what it covers, with `scope_value` as in the terms.
    :ivar is_shared: by all lines of the account; it may belong to another of them.
    :ivar carried_from_id: the bucket of last month of which it is what was left.
    """

    bucket_id: uuid.UUID
    subscription_id: uuid.UUID
    terms: dict[str, Any]
    total: int
    used: int
    ends_at: datetime
    scope: str = AllowanceScope.GENERAL
    scope_value: str = ""
    is_shared: bool = False
    carried_from_id: uuid.UUID | None = None

    @property
    def left(self) -> int:
        return self.total - self.used

    @property
    def is_carried(self) -> bool:
        return self.carried_from_id is not None

    def name_in(self, language: str) -> str:
        """Return what it came with, in "zh-hans" or "en"."""
        return get_name(self.terms, language)


@dataclass(frozen=True, slots=True)
class KindAllowance:
    """All that is in force for one kind of usage. `total`, `used` and `left` are of what covers any use at home.

    :ivar buckets: in the order in which they are spent.
    :ivar beyond: what no bucket covered this month.
    :ivar resets_at: when the next month's allowance begins.
    """

    usage_kind: UsageKind
    buckets: tuple[BucketLeft, ...]
    beyond: int
    resets_at: datetime

    @property
    def _general(self) -> list[BucketLeft]:
        return [bucket for bucket in self.buckets if bucket.scope == AllowanceScope.GENERAL]

    @property
    def total(self) -> int:
        return sum(bucket.total for bucket in self._general)

    @property
    def used(self) -> int:
        return sum(bucket.used for bucket in self._general)

    @property
    def left(self) -> int:
        return self.total - self.used


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a line has left.

    :ivar updated_at: the latest use that is counted, or the latest allowance; None when there is neither.
    """

    data: KindAllowance
    voice: KindAllowance
    sms: KindAllowance
    updated_at: datetime | None

    @property
    def kinds(self) -> tuple[KindAllowance, KindAllowance, KindAllowance]:
        return self.data, self.voice, self.sms


def get_allowance(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> Allowance:
    """Return what a line has left at `now`, by kind and by bucket, with what it shares; two queries whatever it has."""
    month = month_of(now)
    buckets = list(
        Bucket.objects.filter(Q(line_id=line_id) | Q(is_shared=True), account_id=account_id)
        .filter(starts_at__lte=now, ends_at__gt=now)
        .order_by(
            "ends_at",
            F("carried_from_id").asc(nulls_last=True),
            Case(When(scope=AllowanceScope.GENERAL, then=1), default=0),
            "is_shared",
            "starts_at",
            "id",
        )
        .values_list(
            *("usage_kind", "starts_at", "id", "subscription_id", "subscription__terms", "total", "used", "ends_at"),
            *("scope", "scope_value", "is_shared", "carried_from_id"),
        )
    )
    counters = list(
        UsageCounter.objects.filter(account_id=account_id, line_id=line_id, period_date=month.first_date).values_list(
            "usage_kind", "beyond", "last_record_at"
        )
    )
    beyond = {usage_kind: amount for usage_kind, amount, _last in counters}

    def of(usage_kind: UsageKind) -> KindAllowance:
        return KindAllowance(
            usage_kind=usage_kind,
            buckets=tuple(BucketLeft(*columns) for kind, _starts_at, *columns in buckets if kind == usage_kind),
            beyond=beyond.get(usage_kind, 0),
            resets_at=month.ends_at,
        )

    news = [starts_at for _kind, starts_at, *_columns in buckets] + [last for _kind, _beyond, last in counters]
    return Allowance(
        data=of(UsageKind.DATA),
        voice=of(UsageKind.VOICE),
        sms=of(UsageKind.SMS),
        updated_at=max(news, default=None),
    )
