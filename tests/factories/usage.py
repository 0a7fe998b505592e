"""Lines with subscriptions and buckets, and usage records for them."""

import itertools
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.models import Line
from accounts.operations.open_account import open_account
from billing.models import BillHead
from messaging.models import Sms
from packages_app.models import (
    Bucket,
    Offering,
    OfferingKind,
    Recurrence,
    Subscription,
    ThresholdCrossing,
    UsageCounter,
    UsageKind,
)
from packages_app.operations.buckets import open_buckets
from packages_app.operations.record_usage import UsageRow
from packages_app.queries.terms import get_terms

NOW = datetime(2026, 11, 22, 6, 32, tzinfo=UTC)  # 14:32 in Shanghai
MONTH_START = datetime(2026, 10, 31, 16, tzinfo=UTC)  # 1 November, 0:00 in Shanghai
GB = 1024**3
MB = 1024**2

_numbers = itertools.count(13_700_000_000)
_keys = itertools.count(1)


def make_line(*, language: str = "zh-hans") -> Line:
    """Open an account with one line that has nothing."""
    return open_account(
        customer_name="李四", msisdn=f"+86{next(_numbers)}", province="CN-ZJ", language=language, now=MONTH_START
    )


def make_subscription(
    line: Line,
    *,
    allowances: Mapping[str, int] | None = None,
    name: str = "畅享套餐59元",
    name_en: str = "Enjoy 59",
    started_at: datetime = MONTH_START,
    ends_at: datetime | None = None,
) -> Subscription:
    """Give a line what includes the given allowances (default 10 GB of data), without its buckets."""
    code = f"TEST-{name_en}".upper().replace(" ", "-")
    offering, _made = Offering.objects.get_or_create(
        code=code,
        defaults={
            "kind": OfferingKind.PLAN,
            "name_zh": name,
            "name_en": name_en,
            "price_fen": 59_00,
            "recurrence": Recurrence.MONTHLY,
            "head": BillHead.PLAN,
            "on_sale_from": MONTH_START,
        },
    )
    included = {"DATA": 10 * GB} if allowances is None else dict(allowances)
    allowed = [
        {
            "number": number,
            "usage_kind": kind,
            "amount": amount,
            "scope": "GENERAL",
            "scope_value": "",
            "is_shared": False,
        }
        for number, (kind, amount) in enumerate(included.items(), start=1)
    ]
    terms = {**get_terms(offering), "allowances": allowed}
    return Subscription.objects.create(
        account_id=line.account_id,
        line_id=line.id,
        offering=offering,
        terms=terms,
        started_at=started_at,
        ends_at=ends_at,
    )


def make_bucket(
    line: Line,
    total: int = 10 * GB,
    *,
    usage_kind: str = UsageKind.DATA,
    name: str = "畅享套餐59元",
    name_en: str = "Enjoy 59",
    starts_at: datetime = MONTH_START,
    ends_at: datetime | None = None,
) -> Bucket:
    """Give a line one bucket, valid from `starts_at` to the end of that month or `ends_at`."""
    subscription = make_subscription(
        line, allowances={usage_kind: total}, name=name, name_en=name_en, started_at=starts_at, ends_at=ends_at
    )
    return open_buckets(subscription=subscription, now=starts_at)[0]


def usage(line: Line, amount: int = MB, *, at: datetime = NOW, kind: str = UsageKind.DATA, key: str = "") -> UsageRow:
    """Return a record of a line, with a key of its own unless one is given."""
    return UsageRow(line.msisdn, key or f"cdr-{next(_keys)}", at, kind, amount)


def used(bucket: Bucket) -> int:
    """Return what is used of a bucket now."""
    return Bucket.objects.values_list("used", flat=True).get(account_id=bucket.account_id, id=bucket.id)


def counters_of(line: Line) -> list[tuple[Any, ...]]:
    """Return (month, kind, total, beyond) of a line, in order."""
    rows = UsageCounter.objects.filter(account_id=line.account_id, line_id=line.id)
    return list(rows.order_by("period_date", "usage_kind").values_list("period_date", "usage_kind", "total", "beyond"))


def crossings_of(line: Line) -> list[tuple[uuid.UUID, int, bool]]:
    """Return (bucket, threshold, superseded) of a line, in order of the thresholds."""
    rows = ThresholdCrossing.objects.filter(account_id=line.account_id, line_id=line.id)
    return list(
        rows.order_by("threshold_percent", "bucket_id").values_list("bucket_id", "threshold_percent", "superseded")
    )


def texts_of(line: Line) -> list[tuple[str, str]]:
    """Return (kind, text) of every text to a line, oldest first."""
    return list(
        Sms.objects.filter(account_id=line.account_id).order_by("queued_at", "kind").values_list("kind", "body")
    )
