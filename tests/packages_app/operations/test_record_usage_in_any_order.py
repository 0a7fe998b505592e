"""Usage in any order, in any batches, with repeats, ends in one state: that of a plain model that takes its time."""

import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Line
from kernel.clock import SHANGHAI
from kernel.ids import NIL
from messaging.models import Sms
from packages_app.models import Bucket, ThresholdCrossing, UsageCounter, UsageRecord
from packages_app.operations.record_usage import UsageRow, record_usage
from tests.factories.usage import MB, MONTH_START, NOW, make_bucket, make_line, usage

pytestmark = pytest.mark.django_db
SHUFFLES = 50


def make_lines() -> list[Line]:
    """Three lines: a plan alone; a plan, a pack and passes of a day; nothing but a pack."""
    plain, rich, bare = make_line(), make_line(), make_line()
    make_bucket(plain, 300 * MB)
    make_bucket(rich, 200 * MB)
    make_bucket(rich, 3000, usage_kind="VOICE", name_en="Voice")
    for number, day in enumerate((4, 5, 12)):
        start = MONTH_START + timedelta(days=day, hours=9)
        make_bucket(rich, 30 * MB, name_en=f"Pass {number}", starts_at=start, ends_at=start + timedelta(days=2))
    make_bucket(rich, 100 * MB, name_en="Pack", starts_at=MONTH_START + timedelta(days=10))
    make_bucket(bare, 50 * MB, name_en="Pack", starts_at=MONTH_START + timedelta(days=7))
    return [plain, rich, bare]


def make_records(lines: list[Line], chance: random.Random) -> list[UsageRow]:
    """Draw sixty records of November and a few of October for each line."""
    records = []
    for line in lines:
        for _ in range(60):
            at = MONTH_START + timedelta(seconds=chance.randrange(-86_400, 21 * 86_400))
            voice = chance.random() < 0.2
            amount = chance.randrange(1, 200) if voice else chance.randrange(1, 10 * MB)
            records.append(usage(line, amount, at=at, kind="VOICE" if voice else "DATA"))
    return records


def expected_state(records: list[UsageRow], lines: list[Line]) -> dict[str, Any]:
    """Take the records one by one in order of time, spending buckets as the rule says."""
    line_of = {line.msisdn: line for line in lines}
    buckets = list(Bucket.objects.order_by("ends_at", "starts_at", "id"))
    spent: dict[object, int] = defaultdict(int)
    totals: dict[tuple[Any, ...], int] = defaultdict(int)
    beyond: dict[tuple[Any, ...], int] = defaultdict(int)
    for record in sorted(records, key=lambda record: record.started_at):
        line, left = line_of[record.msisdn], record.amount
        for bucket in buckets:
            mine = bucket.line_id == line.id and bucket.usage_kind == record.usage_kind
            if mine and bucket.starts_at <= record.started_at < bucket.ends_at:
                share = min(left, bucket.total - spent[bucket.id])
                spent[bucket.id] += share
                left -= share
        month = (line.id, record.started_at.astimezone(SHANGHAI).date().replace(day=1), record.usage_kind)
        totals[month] += record.amount
        beyond[month] += left
    crossed = {
        (bucket.line_id, bucket.id, percent)
        for bucket in buckets
        for percent in (80, 100)
        if bucket.usage_kind == "DATA" and bucket.ends_at > NOW and 100 * spent[bucket.id] >= percent * bucket.total
    }
    november = MONTH_START.astimezone(SHANGHAI).date()
    first_uses = {(line_id, NIL, 0) for line_id, month, kind in totals if (month, kind) == (november, "DATA")}
    return {
        "buckets": {bucket.id: spent[bucket.id] for bucket in buckets},
        "counters": {(*key, totals[key], beyond[key]) for key in totals},
        "crossings": crossed | first_uses,
    }


def state() -> dict[str, Any]:
    return {
        "buckets": dict(Bucket.objects.values_list("id", "used")),
        "counters": set(UsageCounter.objects.values_list("line_id", "period_date", "usage_kind", "total", "beyond")),
        "crossings": set(ThresholdCrossing.objects.values_list("line_id", "bucket_id", "threshold_percent")),
    }


def forget_usage() -> None:
    Bucket.objects.update(used=0)
    for model in (UsageRecord, UsageCounter, ThresholdCrossing):
        model.objects.all().delete()


def test_fifty_shuffles_with_repeats_end_in_one_state() -> None:
    chance = random.Random(20261122)
    lines = make_lines()
    records = make_records(lines, chance)
    expected = expected_state(records, lines)
    assert sum(expected["buckets"].values()) > 500 * MB  # the drawn usage does fill buckets
    assert len(expected["crossings"]) >= 7

    results = []
    for _ in range(SHUFFLES):
        forget_usage()
        arriving = records + chance.sample(records, len(records) // 3)
        chance.shuffle(arriving)
        recorded = repeated = 0
        while arriving:
            size = chance.randrange(1, 60)
            batch, arriving = arriving[:size], arriving[size:]
            result = record_usage(records=batch, now=NOW)
            recorded, repeated = recorded + result.recorded, repeated + result.repeated
        results.append((recorded, repeated, state()))

    assert results == [(len(records), len(records) // 3, expected)] * SHUFFLES


def test_every_threshold_told_is_one_text() -> None:
    chance = random.Random(7)
    lines = make_lines()
    records = make_records(lines, chance)
    for _ in range(2):
        chance.shuffle(records)
        for start in range(0, len(records), 10):
            record_usage(records=records[start : start + 10], now=NOW)
    told = ThresholdCrossing.objects.filter(superseded=False).values_list("account_id")
    texts = Sms.objects.values_list("account_id")
    assert len(told) >= 5
    assert sorted(told) == sorted(texts)
