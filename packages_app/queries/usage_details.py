"""Reads detail records (详单) of a line: page by page, newest first, whatever their number."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from kernel.clock import Month
from packages_app.models import UsageKind, UsageRecord

_AT_ONCE = 2_000
_COLUMNS = ("started_at", "record_key", "amount", "app", "region", "other_party")


@dataclass(frozen=True, slots=True)
class DetailRecord:
    """One data session, call or text. `amount` is bytes, seconds or messages."""

    started_at: datetime
    record_key: str
    amount: int
    app: str
    region: str
    other_party: str


@dataclass(frozen=True, slots=True)
class DetailFilter:
    """Which records: of a month, of a kind, and with a text in application, region or other party."""

    account_id: uuid.UUID
    line_id: uuid.UUID
    month: Month
    usage_kind: UsageKind
    search: str = ""


@dataclass(frozen=True, slots=True)
class DetailPage:
    """One page. `older_than` asks for the next one; None when this is the last.

    :ivar records_in_all: how many match; `amount_in_all` what they add up to.
    """

    records: tuple[DetailRecord, ...]
    older_than: tuple[datetime, str] | None
    records_in_all: int
    amount_in_all: int


def get_detail_page(wanted: DetailFilter, *, limit: int, older_than: tuple[datetime, str] | None = None) -> DetailPage:
    """Return one page of records, newest first, and what all that match add up to; two queries.

    :param older_than: start and key of the last record of the page before.
    """
    matching = _matching(wanted)
    totals = matching.aggregate(many=Count("started_at"), amount=Sum("amount"))
    if older_than:
        at, key = older_than
        matching = matching.filter(started_at__lte=at).exclude(started_at=at, record_key__gte=key)
    rows = list(_newest_first(matching)[: limit + 1])
    records = tuple(DetailRecord(*row) for row in rows[:limit])
    more = len(rows) > limit
    return DetailPage(
        records=records,
        older_than=(records[-1].started_at, records[-1].record_key) if more else None,
        records_in_all=totals["many"],
        amount_in_all=totals["amount"] or 0,
    )


def iterate_details(wanted: DetailFilter) -> Iterator[DetailRecord]:
    """Yield all records that match, newest first, without holding them."""
    for row in _newest_first(_matching(wanted)).iterator(chunk_size=_AT_ONCE):
        yield DetailRecord(*row)


def _matching(wanted: DetailFilter) -> QuerySet[UsageRecord]:
    records = UsageRecord.objects.filter(
        account_id=wanted.account_id,
        line_id=wanted.line_id,
        usage_kind=wanted.usage_kind,
        started_at__gte=wanted.month.starts_at,
        started_at__lt=wanted.month.ends_at,
    )
    if wanted.search:
        text = wanted.search
        records = records.filter(Q(app__icontains=text) | Q(region__icontains=text) | Q(other_party__icontains=text))
    return records


def _newest_first(records: QuerySet[UsageRecord]) -> QuerySet[UsageRecord, Any]:
    return records.order_by("-started_at", "-record_key").values_list(*_COLUMNS)
