"""Scoped, shared and carried-over allowances: usage in any order ends in one state, that of a plain model."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from accounts.models import Line
from kernel.audit import run_check
from kernel.clock import SHANGHAI, Month, month_of
from packages_app.models import Bucket, Subscription, ThresholdCrossing, UsageBeyond
from packages_app.operations.record_usage import UsageRow, record_usage
from packages_app.queries.usage_audit import list_checks
from tests.factories.usage import (
    MB,
    MONTH_START,
    NOW,
    carry_over,
    make_bucket,
    make_line,
    make_sister,
    make_subscription,
    unit_price,
    usage,
)

# Committed, so that two hundred shuffles leave no dead rows behind for the next to wade through.
pytestmark = pytest.mark.django_db(transaction=True)
SHUFFLES = 200
OCTOBER = Month(2026, 10)
FORGET_USAGE = """
    TRUNCATE packages_usage_record, packages_usage_counter, packages_usage_beyond, packages_threshold_crossing
"""
PRICES = [unit_price(10_000, 100 * MB), unit_price(30_000, 100 * MB, region="JP")]


def make_family() -> list[Line]:
    """Two lines that share data and kept some of it, with packs for video, the night, Hong Kong; a third on its own."""
    mother = make_line()
    child, alone = make_sister(mother), make_line()
    plan: dict[str, Any] = {"unit_prices": PRICES, "cap_fen": 4_00}
    first = Month(2026, 10).starts_at
    for line in (mother, child, alone):
        make_subscription(line, allowances={}, name_en="Old plan", started_at=first, ends_at=day(9), **plan)
        make_subscription(line, allowances={}, name_en="New plan", started_at=day(9), **plan | {"cap_fen": 3_00})
    sold: dict[str, Any] = {"kind": "DATA_PACK", "thresholds_percent": [50, 90]}
    old = make_bucket(mother, 60 * MB, name_en="Family", is_shared=True, starts_at=first, **sold)
    make_bucket(mother, 60 * MB, name_en="Family again", is_shared=True, **sold)
    own = make_bucket(alone, 40 * MB, name_en="Own", starts_at=first, **sold)
    make_bucket(alone, 40 * MB, name_en="Own again", **sold)
    for line in (child, alone):
        make_bucket(line, 25 * MB, name_en="Video", scope="APP", scope_value="video", **sold)
        make_bucket(line, 20 * MB, name_en="Night", scope="TIME", scope_value="23:00-07:00", **sold)
        make_bucket(line, 15 * MB, name_en="Pass", starts_at=day(5), ends_at=day(8), **sold)
    make_bucket(mother, 10 * MB, name_en="HK", scope="REGION", scope_value="HK", is_shared=True, **sold)
    make_bucket(alone, 10 * MB, name_en="Zhejiang", scope="REGION", scope_value="CN-ZJ", **sold)
    carry_over(old)
    carry_over(own)
    return [mother, child, alone]


def day(number: int) -> datetime:
    return datetime(2026, 10, 31, 16, tzinfo=UTC) + timedelta(days=number - 1)


def make_records(lines: list[Line], chance: random.Random) -> list[UsageRow]:
    """Draw records of October's end and November, some with an application, a province or abroad."""
    return [
        usage(
            line,
            chance.randrange(1, 9 * MB),
            at=MONTH_START + timedelta(seconds=chance.randrange(-5 * 86_400, 21 * 86_400)),
            app=chance.choice(["", "", "video", "music"]),
            region=chance.choice(["", "", "", "CN-ZJ", "CN-GD", "HK", "JP"]),
        )
        for line in lines
        for _ in range(24)
    ]


class Model:
    """The rule, taken literally: month by month, stretch by stretch, bucket by bucket."""

    def __init__(self, records: list[UsageRow], lines: list[Line]) -> None:
        self.line_of = {line.msisdn: line for line in lines}
        self.records = records
        self.buckets = list(Bucket.objects.all())
        self.totals = {bucket.id: bucket.total for bucket in self.buckets}
        self.spent: dict[object, int] = defaultdict(int)
        self.beyond: dict[tuple[Any, ...], int] = defaultdict(int)
        self.plans = list(Subscription.objects.filter(offering__kind="PLAN").order_by("-started_at", "-id"))
        for month in (OCTOBER, OCTOBER.next):
            for bucket in self.buckets:
                if bucket.carried_from_id and month_of(bucket.starts_at) == month:
                    self.totals[bucket.id] = self.totals[bucket.carried_from_id] - self.spent[bucket.carried_from_id]
            self._spend(month)

    def _spend(self, month: Month) -> None:
        cuts = {month.starts_at, month.ends_at}
        for bucket in self.buckets:
            cuts |= {bucket.starts_at, bucket.ends_at}
        for plan in self.plans:
            cuts |= {plan.started_at, plan.ends_at or month.ends_at}
        edges = sorted(cut for cut in cuts if month.starts_at <= cut <= month.ends_at)
        for starts_at, ends_at in pairwise(edges):
            flows: dict[tuple[Any, ...], int] = defaultdict(int)
            for record in self.records:
                if starts_at <= record.started_at < ends_at:
                    flows[self._flow(record, month)] += record.amount
            valid = [bucket for bucket in self.buckets if bucket.starts_at <= starts_at < bucket.ends_at]
            for bucket in sorted(valid, key=self._turn):
                for flow in sorted(flows, key=lambda flow: (flow[1] != "", flow[2] != "", flow[3], flow[0])):
                    if self._covers(bucket, flow):
                        share = min(flows[flow], self.totals[bucket.id] - self.spent[bucket.id])
                        flows[flow] -= share
                        self.spent[bucket.id] += share
            for (line_id, _app, region, _night), left in flows.items():
                if left:
                    plan_id = next(
                        plan.id
                        for plan in self.plans
                        if plan.line_id == line_id
                        and plan.started_at <= starts_at
                        and (plan.ends_at is None or plan.ends_at > starts_at)
                    )
                    self.beyond[(line_id, month.first_date, plan_id, region if region in ("HK", "JP") else "")] += left

    def _flow(self, record: UsageRow, month: Month) -> tuple[Any, ...]:
        line = self.line_of[record.msisdn]
        wanted = {
            bucket.scope_value
            for bucket in self.buckets
            if bucket.account_id == line.account_id and month_of(bucket.starts_at) == month
        }
        home = record.region or "CN-ZJ"
        abroad = not home.startswith("CN-")
        hour = record.started_at.astimezone(SHANGHAI).hour
        return (
            line.id,
            record.app if record.app in wanted else "",
            home if abroad or home in wanted else "",
            int("23:00-07:00" in wanted and (hour >= 23 or hour < 7)),
        )

    @staticmethod
    def _turn(bucket: Bucket) -> tuple[Any, ...]:
        return (
            bucket.ends_at,
            bucket.carried_from_id is None,
            bucket.scope == "GENERAL",
            bucket.is_shared,
            bucket.starts_at,
            bucket.id,
        )

    def _covers(self, bucket: Bucket, flow: tuple[Any, ...]) -> bool:
        line_id, app, region, night = flow
        line = next(line for line in self.line_of.values() if line.id == line_id)
        if bucket.account_id != line.account_id or not (bucket.is_shared or bucket.line_id == line_id):
            return False
        at_home = region in ("", "CN-ZJ")
        covered = {
            "GENERAL": at_home,
            "APP": at_home and app == bucket.scope_value,
            "REGION": region == bucket.scope_value,
            "TIME": at_home and bool(night),
        }
        return bool(covered[bucket.scope])

    def state(self) -> dict[str, Any]:
        return {
            "buckets": {bucket.id: (self.totals[bucket.id], self.spent[bucket.id]) for bucket in self.buckets},
            "beyond": {(*key, amount) for key, amount in self.beyond.items()},
        }


def state() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT line_id, period_date, fee_fen FROM packages_priced_usage")
        fees = set(cursor.fetchall())
    crossings = ThresholdCrossing.objects.values_list("line_id", "bucket_id", "cycle_date", "threshold_percent")
    return {
        "buckets": {bucket.id: (bucket.total, bucket.used) for bucket in Bucket.objects.all()},
        "beyond": set(UsageBeyond.objects.values_list("line_id", "period_date", "plan_id", "region", "amount")),
        "fees": fees,
        "crossings": set(crossings),
    }


def test_two_hundred_shuffles_with_repeats_end_in_one_state() -> None:
    chance = random.Random(20261122)
    lines = make_family()
    records = make_records(lines, chance)
    totals = dict(Bucket.objects.values_list("id", "total"))
    expected = Model(records, lines).state()
    assert sum(1 for total, spent in expected["buckets"].values() if total == spent) > 3  # the drawn usage does fill
    assert len({region for _line, _month, _plan, region, _amount in expected["beyond"]}) == 3
    assert 0 < sum(amount for *_key, amount in expected["beyond"]) < sum(record.amount for record in records)

    results = []
    for _ in range(SHUFFLES):
        for bucket_id, total in totals.items():
            Bucket.objects.filter(id=bucket_id).update(used=0, total=total)
        with connection.cursor() as cursor:
            cursor.execute(FORGET_USAGE)
        arriving = records + chance.sample(records, len(records) // 3)
        chance.shuffle(arriving)
        while arriving:
            size = chance.randrange(30, 90)
            batch, arriving = arriving[:size], arriving[size:]
            record_usage(records=batch, now=NOW)
        results.append(state())

    assert {name: results[0][name] for name in expected} == expected
    assert results == [results[0]] * SHUFFLES
    assert {percent for *_key, percent in results[0]["crossings"]} >= {0, 50, 80, 90, 100}
    assert [check.name for check in list_checks() if run_check(check).violations] == ["threshold_told_is_one_text"]
