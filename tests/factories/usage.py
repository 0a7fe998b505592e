"""Lines with subscriptions and buckets, and usage records for them."""

import itertools
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.models import Line, NumberDirectory
from accounts.operations.open_account import open_account
from billing.models import BillHead
from kernel.clock import month_of
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


def make_sister(line: Line) -> Line:
    """Give the account of a line one more line, with nothing."""
    sister = Line.objects.create(
        account_id=line.account_id, msisdn=f"+86{next(_numbers)}", language=line.language, activated_at=MONTH_START
    )
    NumberDirectory.objects.create(msisdn=sister.msisdn, account_id=sister.account_id, line_id=sister.id)
    return sister


def unit_price(price_li: int, per_amount: int, *, usage_kind: str = UsageKind.DATA, region: str = "") -> dict[str, Any]:
    """Return a price for use beyond the plan, as terms hold it."""
    return {"usage_kind": usage_kind, "region": region, "price_li": price_li, "per_amount": per_amount}


def make_subscription(
    line: Line,
    *,
    allowances: Mapping[str, int] | None = None,
    name: str = "畅享套餐59元",
    name_en: str = "Enjoy 59",
    kind: str = OfferingKind.PLAN,
    scope: str = "GENERAL",
    scope_value: str = "",
    is_shared: bool = False,
    started_at: datetime = MONTH_START,
    ends_at: datetime | None = None,
    **terms: Any,
) -> Subscription:
    """Give a line what includes the given allowances (default 10 GB of data), without its buckets.

    :param terms: what else was sold, such as `unit_prices` or `cap_fen`.
    """
    code = f"TEST-{name_en}".upper().replace(" ", "-")
    offering, _made = Offering.objects.get_or_create(
        code=code,
        defaults={
            "kind": kind,
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
            "scope": scope,
            "scope_value": scope_value,
            "is_shared": is_shared,
        }
        for number, (kind, amount) in enumerate(included.items(), start=1)
    ]
    sold = {**get_terms(offering), "allowances": allowed, **terms}
    return Subscription.objects.create(
        account_id=line.account_id,
        line_id=line.id,
        offering=offering,
        terms=sold,
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
    **sold: Any,
) -> Bucket:
    """Give a line one bucket, valid from `starts_at` to the end of that month or `ends_at`.

    :param sold: as `make_subscription` takes it.
    """
    subscription = make_subscription(
        line, allowances={usage_kind: total}, name=name, name_en=name_en, started_at=starts_at, ends_at=ends_at, **sold
    )
    return open_buckets(subscription=subscription, now=starts_at)[0]


def carry_over(origin: Bucket) -> Bucket:
    """Give a line what is left of a bucket for one month more."""
    origin.refresh_from_db()
    month = month_of(origin.starts_at).next
    return Bucket.objects.create(
        account_id=origin.account_id,
        line_id=origin.line_id,
        subscription_id=origin.subscription_id,
        usage_kind=origin.usage_kind,
        allowance_number=origin.allowance_number,
        is_shared=origin.is_shared,
        carried_from_id=origin.id,
        total=origin.total - origin.used,
        starts_at=month.starts_at,
        ends_at=month.ends_at,
    )


def usage(
    line: Line,
    amount: int = MB,
    *,
    at: datetime = NOW,
    kind: str = UsageKind.DATA,
    key: str = "",
    app: str = "",
    region: str = "",
    other_party: str = "",
) -> UsageRow:
    """Return a record of a line, with a key of its own unless one is given."""
    return UsageRow(line.msisdn, key or f"cdr-{next(_keys)}", at, kind, amount, app, region, other_party)


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
