"""P2: `record_usage` against one bare statement fed by COPY, against a loop over records, and ten times as many."""

import io
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
from django.db import connection, transaction
from django.db.models import F
from rich.progress import track

from accounts.models import NumberDirectory
from bench.measure import Goal, paired
from billing.models import BillHead
from kernel.clock import month_of, now
from packages_app.models import Bucket, Offering, OfferingKind, Recurrence, UsageCounter, UsageRecord
from packages_app.operations.record_usage import UsageRow, record_usage
from packages_app.queries.terms import get_terms

LINES = 20_000
BATCH = 10_000
ROUNDS = 7
# Of a batch, so many were reported before.
REPEATED = BATCH // 20
LOOPED = 300
GROWTH_ROUNDS = 3
MB = 1024**2
SQL = Path(__file__).with_name("sql")
BENCH_ID = """
    CREATE OR REPLACE FUNCTION bench_id(kind integer, number bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
    AS $$ SELECT ('019a0000-0000-7000-8' || lpad(to_hex(kind), 3, '0') || '-' || lpad(to_hex(number), 12, '0'))::uuid $$
"""
STAGE = """
    CREATE TEMPORARY TABLE bench_usage (
        msisdn text, record_key text, started_at timestamptz, usage_kind text, amount bigint
    ) ON COMMIT DELETE ROWS
"""


def measure() -> list[Goal]:
    """Record batches of `BATCH` over `LINES` lines with two buckets each, some of them known, in the running month."""
    at = now()
    _fill(at)
    draw = _Draw(at)
    ours_batches = [draw.batch("o", number, BATCH) for number in range(ROUNDS + 1)]
    lean_batches = [draw.batch("y", number, BATCH) for number in range(ROUNDS + 1)]
    bare = psycopg2.connect(os.environ["DATABASE_URL"])
    statement = (SQL / "p2_yardstick.sql").read_text()
    with bare.cursor() as cursor:
        cursor.execute(STAGE)
    bare.commit()

    def ours(number: int) -> None:
        record_usage(records=ours_batches[number], now=at)

    def yardstick(number: int) -> None:
        text = io.StringIO(
            "".join(
                f"{row.msisdn}\t{row.record_key}\t{row.started_at}\t{row.usage_kind}\t{row.amount}\n"
                for row in lean_batches[number]
            )
        )
        with bare.cursor() as cursor:
            cursor.copy_expert("COPY bench_usage FROM STDIN", text)
            cursor.execute(statement, {"now": at})
        bare.commit()

    try:
        result = paired(rounds=ROUNDS, ours=ours, yardstick=yardstick, title="P2 record_usage")
    finally:
        bare.close()
    each = result.ours_seconds / BATCH
    looped = _each_in_a_loop(draw.batch("l", 0, LOOPED))
    growth = _growth(draw, at)
    data = f"{LINES:,} lines with two buckets, batches of {BATCH:,}, {REPEATED:,} of them known"
    return [
        Goal(
            row="p2",
            work=f"record_usage, {data}, against one bare statement fed by COPY",
            measured=result.ratio,
            wanted=0.70,
            at_least=True,
            detail=result.detail(per_round=BATCH, unit="record"),
        ),
        Goal(
            row="p2",
            work=f"record_usage, {data}, against a loop that handles each record through objects",
            measured=looped / each,
            wanted=40,
            at_least=True,
            detail=f"ours {each * 1e6:,.1f} µs, loop {looped * 1e6:,.1f} µs per record",
        ),
        Goal(
            row="p2",
            work=f"one batch of {10 * BATCH:,} against one of {BATCH:,}, per record",
            measured=growth,
            wanted=1.20,
            at_least=False,
            detail=f"medians of {GROWTH_ROUNDS} pairs",
        ),
    ]


class _Draw:
    """Draws records of the last hours of the month so far, each with a key of its own."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.chance = random.Random(2)
        self.since = min(timedelta(hours=6), at - month_of(at).starts_at)
        self.known: dict[str, list[UsageRow]] = {}

    def batch(self, side: str, number: int, size: int) -> list[UsageRow]:
        repeated = self.known.get(side, [])[: size // 20]
        records = [self._record(f"{side}-{number}-{place}") for place in range(size - len(repeated))]
        self.known[side] = records
        return records + repeated

    def _record(self, key: str) -> UsageRow:
        msisdn = f"+86198{self.chance.randrange(1, LINES + 1):08d}"
        started_at = self.at - self.since * self.chance.random()
        return UsageRow(msisdn, key, started_at, "DATA", self.chance.randrange(1, 40 * MB))


def _fill(at: datetime) -> None:
    month = month_of(at)
    offerings = [
        Offering(
            code=f"BENCH-{place}",
            kind=kind,
            name_zh="量度套餐",
            name_en="Bench",
            price_fen=59_00,
            recurrence=Recurrence.MONTHLY,
            head=BillHead.PLAN,
            on_sale_from=month.starts_at,
        )
        for place, kind in ((1, OfferingKind.PLAN), (2, OfferingKind.DATA_PACK))
    ]
    Offering.objects.bulk_create(offerings)
    values: dict[str, Any] = {
        "accounts": LINES,
        "month_start": month.starts_at,
        "period": month.first_date,
        "month_end": month.ends_at,
        "terms": json.dumps(get_terms(offerings[0])),
    }
    with connection.cursor() as cursor:
        cursor.execute(BENCH_ID)
        cursor.execute((SQL / "p2_people.sql").read_text(), values)
        cursor.execute("VACUUM ANALYZE")


def _each_in_a_loop(records: list[UsageRow]) -> float:
    """Return the seconds that a record takes where each is handled by itself, through objects."""
    return _timed(lambda: [_record_by_objects(row) for row in records]) / len(records)


@transaction.atomic
def _record_by_objects(row: UsageRow) -> None:
    found = NumberDirectory.objects.get(msisdn=row.msisdn)
    record, is_new = UsageRecord.objects.get_or_create(
        account_id=found.account_id,
        started_at=row.started_at,
        record_key=row.record_key,
        defaults={
            "line_id": found.line_id,
            "usage_kind": row.usage_kind,
            "amount": row.amount,
            "recorded_at": row.started_at,
        },
    )
    if not is_new:
        return
    counter, _made = UsageCounter.objects.select_for_update().get_or_create(
        account_id=found.account_id,
        line_id=found.line_id,
        period_date=month_of(row.started_at).first_date,
        usage_kind=row.usage_kind,
        defaults={"last_record_at": row.started_at},
    )
    left = record.amount
    for bucket in (
        Bucket.objects.select_for_update()
        .filter(
            account_id=found.account_id,
            line_id=found.line_id,
            usage_kind=row.usage_kind,
            starts_at__lte=row.started_at,
            ends_at__gt=row.started_at,
            used__lt=F("total"),
        )
        .order_by("ends_at", "starts_at", "id")
    ):
        share = min(left, bucket.total - bucket.used)
        bucket.used += share
        left -= share
        bucket.save(update_fields=["used"])
    counter.total += record.amount
    counter.beyond += left
    counter.last_record_at = max(counter.last_record_at, row.started_at)
    counter.save(update_fields=["total", "beyond", "last_record_at"])


def _growth(draw: _Draw, at: datetime) -> float:
    ratios = []
    for number in track(range(GROWTH_ROUNDS), description="P2 ten times as many", transient=True):
        few, many = draw.batch("f", number, BATCH), draw.batch("m", number, 10 * BATCH)
        few_seconds = _timed(lambda batch=few: record_usage(records=batch, now=at))  # type: ignore[misc]
        many_seconds = _timed(lambda batch=many: record_usage(records=batch, now=at))  # type: ignore[misc]
        ratios.append(many_seconds / few_seconds / 10)
    return statistics.median(ratios)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
