from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from kernel.clock import Month
from packages_app.models import UsageKind
from packages_app.operations.record_usage import record_usage
from packages_app.queries.allowance import get_allowance
from tests.factories.usage import GB, MB, MONTH_START, NOW, make_bucket, make_line, usage

pytestmark = pytest.mark.django_db
DECEMBER = Month(2026, 12)


class TestGetAllowance:
    def test_adds_up_by_kind_and_lists_the_buckets_in_the_order_of_spending(self) -> None:
        line = make_line()
        plan = make_bucket(line, 10 * GB)
        make_bucket(line, 600, usage_kind=UsageKind.VOICE, name="语音包", name_en="Voice")
        tomorrow = NOW + timedelta(days=1)
        day_pass = make_bucket(line, GB, name="日包", name_en="Pass", starts_at=NOW, ends_at=tomorrow)
        record_usage(records=[usage(line, 3 * GB), usage(line, 90, kind=UsageKind.VOICE)], now=NOW)

        allowance = get_allowance(line.account_id, line.id, NOW)

        data = allowance.data
        assert (data.total, data.used, data.left, data.beyond) == (11 * GB, 3 * GB, 8 * GB, 0)
        assert data.resets_at == DECEMBER.starts_at
        assert [(row.bucket_id, row.total, row.used, row.left, row.ends_at) for row in data.buckets] == [
            (day_pass.id, GB, GB, 0, tomorrow),
            (plan.id, 10 * GB, 2 * GB, 8 * GB, DECEMBER.starts_at),
        ]
        assert [(row.name_in("zh-hans"), row.name_in("en")) for row in data.buckets] == [
            ("日包", "Pass"),
            ("畅享套餐59元", "Enjoy 59"),
        ]
        assert (allowance.voice.total, allowance.voice.used, allowance.voice.left) == (600, 90, 510)
        assert (allowance.sms.total, allowance.sms.left, allowance.sms.buckets) == (0, 0, ())
        assert [kind.usage_kind for kind in allowance.kinds] == ["DATA", "VOICE", "SMS"]

    def test_tells_what_went_beyond_this_month_alone(self) -> None:
        line = make_line()
        make_bucket(line, 10 * MB)
        records = [usage(line, 13 * MB), usage(line, 50 * MB, at=MONTH_START - timedelta(hours=1))]
        record_usage(records=records, now=NOW)
        data = get_allowance(line.account_id, line.id, NOW).data
        assert (data.used, data.left, data.beyond) == (10 * MB, 0, 3 * MB)

    def test_leaves_out_buckets_that_are_over_or_not_yet_begun(self) -> None:
        line = make_line()
        ending = make_bucket(line, GB, name_en="Ending", ends_at=NOW)
        beginning = make_bucket(line, GB, name_en="Beginning", starts_at=NOW)
        before, at = (get_allowance(line.account_id, line.id, now) for now in (NOW - timedelta(microseconds=1), NOW))
        assert [row.bucket_id for row in before.data.buckets] == [ending.id]
        assert [row.bucket_id for row in at.data.buckets] == [beginning.id]

    def test_is_as_of_the_latest_use_or_the_latest_bucket(self) -> None:
        line = make_line()
        assert get_allowance(line.account_id, line.id, NOW).updated_at is None
        make_bucket(line)
        assert get_allowance(line.account_id, line.id, NOW).updated_at == MONTH_START
        used_at = datetime(2026, 11, 20, 3, tzinfo=UTC)
        record_usage(records=[usage(line, at=used_at), usage(line, at=used_at - timedelta(days=1))], now=NOW)
        assert get_allowance(line.account_id, line.id, NOW).updated_at == used_at

    def test_is_of_the_line_alone(self) -> None:
        line, other = make_line(), make_line()
        make_bucket(other)
        record_usage(records=[usage(other)], now=NOW)
        allowance = get_allowance(line.account_id, line.id, NOW)
        assert (allowance.data.buckets, allowance.data.total, allowance.updated_at) == ((), 0, None)
        assert get_allowance(line.account_id, other.id, NOW).data.total == 0

    def test_asks_twice_whatever_the_line_has(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        line = make_line()
        for number in range(5):
            make_bucket(line, name_en=f"Pack {number}")
        with django_assert_num_queries(2):
            get_allowance(line.account_id, line.id, NOW)
