"""TMF677 Usage Consumption v3, usageConsumptionReport: what a line has used and has left of one kind of usage."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kernel.ids import PublicId
from kernel.phone import national_number
from kernel.rest.resource import Api, Attribute, Caller, Column, Resource, by_public_id, by_uuid
from kernel.rest.shapes import Flag, Instant, ListOf, Structure, Text
from kernel.rest.structures import QUANTITY, RELATED_PARTY, TIME_PERIOD, quantity, reference, time_period
from kernel.volume import volume_text, whole_minutes
from packages_app.api.prepay_balance import by_number
from packages_app.queries.usage_reports import (
    ReportedBucket,
    UsageReport,
    get_report_condition,
    list_usage_reports,
    list_visible_report_rows,
)

API = Api(
    title="Usage consumption",
    base_path="/tmf-api/usageConsumption/v3",
    scope="consumption",
    name="usage-consumption",
    access=("read",),
)
UNITS = {"data": "byte", "voice": "second", "sms": "message"}
_NAME = re.compile(rf"({'|'.join(UNITS)}) (\d{{11}})", re.ASCII)

_BALANCE = Structure(
    "UsageVolumeBalance", {"remainingValue": QUANTITY, "remainingValueName": Text(), "validFor": TIME_PERIOD}
)
_COUNTER = Structure(
    "ConsumptionSummary",
    {
        "counterType": Text(choices=("used",)),
        "level": Text(choices=("global",)),
        "value": QUANTITY,
        "valueName": Text(),
        "consumptionPeriod": TIME_PERIOD,
    },
)
_NETWORK_PRODUCT = Structure(
    "NetworkProduct",
    {"id": Text(), "name": Text(), "publicIdentifier": Text(), "outOfBucketCounter": ListOf(_COUNTER)},
    required=("id",),
    description="The line; outOfBucketCounter is what no bucket covered this month.",
)
_BUCKET = Structure(
    "UsageVolumeProduct",
    {
        "id": Text(),
        "name": Text(),
        "isShared": Flag(),
        "usageType": Text(choices=tuple(UNITS)),
        "bucketBalance": ListOf(_BALANCE),
        "bucketCounter": ListOf(_COUNTER),
        "product": ListOf(_NETWORK_PRODUCT),
    },
    required=("id",),
)


def _words(usage_type: str, amount: int) -> str:
    match usage_type:
        case "data":
            return volume_text(amount)
        case "voice":
            return _("%(count)s min") % {"count": whole_minutes(amount)}
    return _("%(count)s texts") % {"count": amount}


def _counter(usage_type: str, amount: int, period: dict[str, str]) -> dict[str, Any]:
    return {
        "counterType": "used",
        "level": "global",
        "value": quantity(amount, UNITS[usage_type]),
        "valueName": _words(usage_type, amount),
        "consumptionPeriod": period,
    }


def _bucket(report: UsageReport, bucket: ReportedBucket) -> dict[str, Any]:
    kind, left = report.usage_type, bucket.total - bucket.used
    period = time_period(bucket.starts_at, bucket.ends_at)
    month = time_period(report.month.starts_at, report.month.ends_at)
    number = national_number(report.msisdn)
    return {
        "id": str(PublicId(report.account_id, bucket.bucket_id)),
        "name": bucket.name,
        "isShared": bucket.is_shared,
        "usageType": kind,
        "bucketBalance": [
            {
                "remainingValue": quantity(left, UNITS[kind]),
                "remainingValueName": _words(kind, left),
                "validFor": period,
            }
        ],
        "bucketCounter": [_counter(kind, bucket.used, period)],
        "product": [
            {
                "id": str(PublicId(report.account_id, report.line_id)),
                "publicIdentifier": number,
                "outOfBucketCounter": [_counter(kind, report.beyond, month)],
            }
        ],
    }


def _find(texts: Sequence[str]) -> Q | None:
    """An id is that of the line, and the kind of usage after a dot."""
    wanted: Q | None = None
    for text in texts:
        line, _dot, usage_type = text.partition(".")
        try:
            named = PublicId.parse(line)
        except ValueError:
            continue
        found = Q(account_id=named.account_id, line_id=named.row_id, usage_type=usage_type)
        wanted = found if wanted is None else wanted | found
    return wanted


def _by_name(texts: Sequence[str]) -> Q | None:
    wanted: Q | None = None
    for text in texts:
        named = _NAME.fullmatch(text)
        if named is not None:
            found = Q(usage_type=named[1], msisdn=f"+86{named[2]}")
            wanted = found if wanted is None else wanted | found
    return wanted


def _by_bucket(texts: Sequence[str]) -> Q | None:
    buckets = by_public_id("id")(texts)
    return None if buckets is None else get_report_condition(buckets)


def _complete(rows: Sequence[dict[str, Any]], caller: Caller) -> list[UsageReport]:
    return list_usage_reports(rows, language=caller.language, now=caller.now)


USAGE_CONSUMPTION_REPORT: Resource[UsageReport] = Resource(
    api=API,
    name="usageConsumptionReport",
    type_name="UsageConsumptionReport",
    summary=(
        "What a line has used and has left of one kind of usage, with every allowance in force that came with what the "
        "line bought: no bucket is in two reports. Data is counted in bytes, voice in seconds, texts in messages."
    ),
    rows=lambda caller: [list_visible_report_rows(sight=caller.sight, now=caller.now)],
    complete=_complete,
    public_id=lambda report: f"{PublicId(report.account_id, report.line_id)}.{report.usage_type}",
    find=_find,
    order=("account_id", "line_id", "usage_type"),
    attributes=(
        Attribute(
            name="name",
            shape=Text(),
            read=lambda report: f"{report.usage_type} {national_number(report.msisdn)}",
            always=True,
            filters={"": _by_name},
            description="Kind of usage (data, voice or sms) and number.",
        ),
        Attribute(
            name="description",
            shape=Text(),
            read=lambda report: ", ".join(dict.fromkeys(bucket.name for bucket in report.buckets)),
            always=True,
            description="What its allowances came with.",
        ),
        Attribute(
            name="effectiveDate",
            shape=Instant(),
            read=lambda report: report.counted_at,
            always=True,
            filters={"": Column("counted_at", Instant())},
            sort="counted_at",
            description="Up to when it counts: the latest use, or the latest allowance.",
        ),
        Attribute(
            name="bucket",
            shape=ListOf(_BUCKET),
            read=lambda report: [_bucket(report, bucket) for bucket in report.buckets],
            always=True,
            filters={
                "id": _by_bucket,
                "usageType": Column("usage_type"),
                "product.publicIdentifier": by_number,
            },
            sort="usage_type",
        ),
        Attribute(
            name="relatedParty",
            shape=RELATED_PARTY,
            read=lambda report: reference(report.customer_id, "Customer", name=report.customer_name, role="customer"),
            always=True,
            filters={"id": by_uuid("of_customer_id")},
        ),
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAg.data",
        "href": "https://hall.example.com/tmf-api/usageConsumption/v3/usageConsumptionReport/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAg.data",
        "name": "data 13800138000",
        "description": "畅享套餐59元",
        "effectiveDate": "2026-03-20T08:15:30Z",
        "bucket": [
            {
                "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAw",
                "name": "畅享套餐59元",
                "isShared": False,
                "usageType": "data",
                "bucketBalance": [
                    {
                        "remainingValue": {"amount": 8697308774, "units": "byte"},
                        "remainingValueName": "8.1 GB",
                        "validFor": {"startDateTime": "2026-02-28T16:00:00Z", "endDateTime": "2026-03-31T16:00:00Z"},
                    }
                ],
                "bucketCounter": [
                    {
                        "counterType": "used",
                        "level": "global",
                        "value": {"amount": 23514927514, "units": "byte"},
                        "valueName": "21.9 GB",
                        "consumptionPeriod": {
                            "startDateTime": "2026-02-28T16:00:00Z",
                            "endDateTime": "2026-03-31T16:00:00Z",
                        },
                    }
                ],
                "product": [
                    {
                        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAg",
                        "publicIdentifier": "13800138000",
                        "outOfBucketCounter": [
                            {
                                "counterType": "used",
                                "level": "global",
                                "value": {"amount": 0, "units": "byte"},
                                "valueName": "0 KB",
                                "consumptionPeriod": {
                                    "startDateTime": "2026-02-28T16:00:00Z",
                                    "endDateTime": "2026-03-31T16:00:00Z",
                                },
                            }
                        ],
                    }
                ],
            }
        ],
        "relatedParty": {
            "id": "019aaf00-0000-7000-8000-000000000004",
            "name": "陈**",
            "role": "customer",
            "@referredType": "Customer",
        },
        "@type": "UsageConsumptionReport",
    },
)
