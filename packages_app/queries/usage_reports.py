"""Reads what lines have used and have left of each kind of usage in the running month, as reports on one line each."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Greatest, Lower

from accounts.models import LineState
from accounts.queries.customers import list_masked_names
from accounts.queries.visible_accounts import limit_to_visible
from kernel.clock import Month, month_of
from kernel.sight import Sight
from packages_app.models import Bucket, UsageCounter
from packages_app.queries.terms import get_name

_COLUMNS = ("account_id", "line_id", "usage_type", "msisdn", "of_customer_id", "counted_at")


@dataclass(frozen=True, slots=True)
class ReportedBucket:
    """One allowance in force on a report; amounts are bytes, seconds or messages."""

    bucket_id: uuid.UUID
    name: str
    is_shared: bool
    total: int
    used: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What a line has used and has left of one kind of usage.

    :ivar usage_type: "data" (bytes), "voice" (seconds) or "sms" (messages).
    :ivar counted_at: the latest use that is counted, or the latest allowance.
    :ivar buckets: those in force that came with what the line bought, so that no two reports share one.
    :ivar beyond: what no bucket covered in `month`.
    :ivar customer_name: masked.
    """

    account_id: uuid.UUID
    line_id: uuid.UUID
    usage_type: str
    msisdn: str
    counted_at: datetime
    month: Month
    beyond: int
    customer_id: uuid.UUID
    customer_name: str
    buckets: list[ReportedBucket] = field(default_factory=list)


def list_visible_report_rows(*, sight: Sight, now: datetime) -> QuerySet[Any, dict[str, Any]]:
    """Return a row for each line and kind of usage with an allowance in force, of the accounts the caller may see.

    :return: to be filtered, ordered and cut; `list_usage_reports` completes the rows that were picked.
    """
    counted = UsageCounter.objects.filter(
        account_id=OuterRef("account_id"),
        line_id=OuterRef("line_id"),
        usage_kind=OuterRef("usage_kind"),
        period_date=month_of(now).first_date,
    )
    rows: QuerySet[Any, dict[str, Any]] = (
        limit_to_visible(_in_force(now), sight=sight)
        .annotate(
            usage_type=Cast(Lower("usage_kind"), CharField()),
            msisdn=F("line__msisdn"),
            of_customer_id=F("account__customer_id"),
            last_record_at=Subquery(counted.values("last_record_at")),
        )
        .values("account_id", "line_id", "usage_type", "msisdn", "of_customer_id")
        .annotate(counted_at=Greatest(Max("starts_at"), F("last_record_at")))
        .values(*_COLUMNS)
    )
    return rows


def list_usage_reports(rows: Sequence[dict[str, Any]], *, language: str, now: datetime) -> list[UsageReport]:
    """Complete picked rows with buckets, use beyond them and masked names; three queries, however many rows."""
    month = month_of(now)
    names = list_masked_names({row["of_customer_id"] for row in rows})
    of_lines = Q(account_id__in={row["account_id"] for row in rows}, line_id__in={row["line_id"] for row in rows})
    beyond = {
        (line_id, kind.lower()): amount
        for line_id, kind, amount in UsageCounter.objects.filter(of_lines, period_date=month.first_date).values_list(
            "line_id", "usage_kind", "beyond"
        )
    }
    reports = {
        (row["line_id"], row["usage_type"]): UsageReport(
            account_id=row["account_id"],
            line_id=row["line_id"],
            usage_type=row["usage_type"],
            msisdn=row["msisdn"],
            counted_at=row["counted_at"],
            month=month,
            beyond=beyond.get((row["line_id"], row["usage_type"]), 0),
            customer_id=row["of_customer_id"],
            customer_name=names[row["of_customer_id"]],
        )
        for row in rows
    }
    buckets = _in_force(now).filter(of_lines).order_by("ends_at", "id")
    for line_id, kind, terms, *columns in buckets.values_list(
        *("line_id", "usage_kind", "subscription__terms", "id", "is_shared", "total", "used", "starts_at", "ends_at")
    ):
        report = reports.get((line_id, kind.lower()))
        if report is not None:
            bucket_id, *others = columns
            report.buckets.append(ReportedBucket(bucket_id, get_name(terms, language), *others))
    return list(reports.values())


def get_report_condition(of_buckets: Q) -> Q | None:
    """Return the condition that a row's report has one of these buckets; one query.

    :param of_buckets: names them by "account_id" and "id".
    :return: None when there are no such buckets.
    """
    condition: Q | None = None
    found = Bucket.objects.filter(of_buckets).values_list("account_id", "line_id", "usage_kind")
    for account_id, line_id, kind in found:
        of_report = Q(account_id=account_id, line_id=line_id, usage_type=kind.lower())
        condition = of_report if condition is None else condition | of_report
    return condition


def _in_force(now: datetime) -> QuerySet[Bucket]:
    return Bucket.objects.filter(starts_at__lte=now, ends_at__gt=now).exclude(line__state=LineState.CLOSED)
