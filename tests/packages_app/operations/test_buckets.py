from datetime import UTC, datetime, timedelta

import pytest

from kernel.clock import Month
from packages_app.models import Bucket
from packages_app.operations.buckets import open_buckets
from tests.factories.usage import GB, MONTH_START, NOW, make_line, make_subscription

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


def rows() -> list[tuple[str, int, int, datetime, datetime]]:
    return list(
        Bucket.objects.order_by("usage_kind").values_list("usage_kind", "total", "used", "starts_at", "ends_at")
    )


class TestOpenBuckets:
    def test_opens_one_bucket_per_allowance_until_the_end_of_the_month(self) -> None:
        subscription = make_subscription(
            make_line(), allowances={"DATA": 20 * GB, "VOICE": 18_000, "SMS": 30}, started_at=NOW
        )
        opened = open_buckets(subscription=subscription, now=NOW)
        assert rows() == [
            ("DATA", 20 * GB, 0, NOW, NOVEMBER.ends_at),
            ("SMS", 30, 0, NOW, NOVEMBER.ends_at),
            ("VOICE", 18_000, 0, NOW, NOVEMBER.ends_at),
        ]
        assert {bucket.id for bucket in opened} == set(Bucket.objects.values_list("id", flat=True))

    def test_covers_the_whole_of_a_later_month(self) -> None:
        subscription = make_subscription(make_line(), started_at=NOW)
        open_buckets(subscription=subscription, now=NOVEMBER.ends_at + timedelta(days=3))
        assert rows() == [("DATA", 10 * GB, 0, Month(2026, 12).starts_at, Month(2026, 12).ends_at)]

    def test_ends_with_the_subscription(self) -> None:
        end = NOW + timedelta(days=1)
        open_buckets(subscription=make_subscription(make_line(), started_at=NOW, ends_at=end), now=NOW)
        assert rows() == [("DATA", 10 * GB, 0, NOW, end)]

    def test_cuts_the_month_in_shanghai(self) -> None:
        last_instant = datetime(2026, 11, 30, 15, 59, 59, 999_999, tzinfo=UTC)
        open_buckets(subscription=make_subscription(make_line(), started_at=last_instant), now=last_instant)
        assert rows() == [("DATA", 10 * GB, 0, last_instant, datetime(2026, 11, 30, 16, tzinfo=UTC))]

    def test_changes_nothing_when_repeated(self) -> None:
        subscription = make_subscription(make_line())
        first = open_buckets(subscription=subscription, now=NOW)
        Bucket.objects.update(used=GB)
        again = open_buckets(subscription=subscription, now=NOW + timedelta(hours=1))
        assert [bucket.id for bucket in again] == [bucket.id for bucket in first]
        assert rows() == [("DATA", 10 * GB, GB, MONTH_START, NOVEMBER.ends_at)]

    @pytest.mark.parametrize("now", [MONTH_START - timedelta(seconds=1), NOW + timedelta(days=60)])
    def test_opens_nothing_in_months_without_the_subscription(self, now: datetime) -> None:
        subscription = make_subscription(make_line(), ends_at=NOW)
        assert open_buckets(subscription=subscription, now=now) == []
        assert rows() == []

    def test_opens_nothing_where_nothing_is_included(self) -> None:
        assert open_buckets(subscription=make_subscription(make_line(), allowances={}), now=NOW) == []
        assert rows() == []
