"""Which bucket covers which use, and in which order."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kernel.clock import Month
from packages_app.models import Bucket, UsageBeyond
from packages_app.operations.record_usage import RejectReason, record_usage, recount_usage
from tests.factories.usage import (
    MB,
    MONTH_START,
    NOW,
    carry_over,
    counters_of,
    make_bucket,
    make_line,
    make_sister,
    make_subscription,
    usage,
    used,
)

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)
OCTOBER_START = Month(2026, 10).starts_at


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November in Shanghai."""
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)


def beyond() -> list[tuple[Any, ...]]:
    return list(UsageBeyond.objects.order_by("region").values_list("region", "amount"))


class TestScopes:
    def test_of_an_application_cover_it_alone_and_first(self) -> None:
        line = make_line()
        plan = make_bucket(line, 10 * MB)
        video = make_bucket(line, 5 * MB, name_en="Video", scope="APP", scope_value="video")
        record_usage(records=[usage(line, 7 * MB, app="video"), usage(line, 1 * MB, app="music")], now=NOW)
        assert (used(video), used(plan)) == (5 * MB, 3 * MB)

    @pytest.mark.parametrize(
        ("region", "covered"),
        [("HK", "pass"), ("JP", ""), ("", "plan"), ("CN-ZJ", "plan"), ("CN-GD", "plan")],
    )
    def test_of_a_region_cover_it_alone(self, region: str, covered: str) -> None:
        line = make_line()
        plan = make_bucket(line, 10 * MB)
        abroad = make_bucket(line, 10 * MB, name_en="Pass", scope="REGION", scope_value="HK")
        record_usage(records=[usage(line, MB, region=region)], now=NOW)
        assert (used(plan), used(abroad)) == (MB * (covered == "plan"), MB * (covered == "pass"))
        assert beyond() == ([] if covered else [("JP", MB)])

    @pytest.mark.parametrize("region", ["", "CN-ZJ"])
    def test_of_a_province_cover_the_accounts_own(self, region: str) -> None:
        line = make_line()
        plan = make_bucket(line, 10 * MB)
        province = make_bucket(line, 10 * MB, name_en="Zhejiang", scope="REGION", scope_value="CN-ZJ")
        record_usage(records=[usage(line, MB, region=region), usage(line, 2 * MB, region="CN-GD")], now=NOW)
        assert (used(plan), used(province)) == (2 * MB, MB)

    @pytest.mark.parametrize(
        ("moment", "is_covered"),
        [
            (at(3, 22, 59), False),
            (at(3, 23), True),
            (at(4, 0), True),
            (at(4, 6, 59), True),
            (at(4, 7), False),
            (at(4, 12), False),
        ],
    )
    def test_of_a_time_over_midnight_are_half_open(self, moment: datetime, is_covered: bool) -> None:
        line = make_line()
        plan = make_bucket(line, 10 * MB)
        night = make_bucket(line, 10 * MB, name_en="Night", scope="TIME", scope_value="23:00-07:00")
        record_usage(records=[usage(line, MB, at=moment)], now=NOW)
        assert (used(night), used(plan)) == ((MB, 0) if is_covered else (0, MB))

    @pytest.mark.parametrize(("moment", "is_covered"), [(at(3, 11, 59), False), (at(3, 12), True), (at(3, 14), False)])
    def test_of_a_time_within_a_day_are_half_open(self, moment: datetime, is_covered: bool) -> None:
        line = make_line()
        noon = make_bucket(line, 10 * MB, name_en="Noon", scope="TIME", scope_value="12:00-14:00")
        record_usage(records=[usage(line, MB, at=moment)], now=NOW)
        assert used(noon) == MB * is_covered

    @pytest.mark.parametrize("value", ["at night", "25:00-26:00", "07:00", "23:00-7:00"])
    def test_that_say_nothing_cover_nothing(self, value: str) -> None:
        line = make_line()
        odd = make_bucket(line, 10 * MB, name_en="Odd", scope="TIME", scope_value=value)
        record_usage(records=[usage(line, MB)], now=NOW)
        assert (used(odd), counters_of(line)) == (0, [(NOVEMBER, "DATA", MB, MB)])

    def test_leave_general_data_to_what_nothing_else_covers(self) -> None:
        # The general pass expires first. Were video to take it, plain use would be beyond and the video pack idle.
        line = make_line()
        general = make_bucket(line, 5 * MB, name_en="Pass", starts_at=at(20, 0), ends_at=at(25, 0))
        video = make_bucket(line, 5 * MB, name_en="Video", scope="APP", scope_value="video")
        record_usage(records=[usage(line, 5 * MB, app="video"), usage(line, 5 * MB)], now=NOW)
        assert (used(general), used(video)) == (5 * MB, 5 * MB)
        assert counters_of(line) == [(NOVEMBER, "DATA", 10 * MB, 0)]


class TestAbroad:
    def test_is_beyond_a_plan_for_home_and_kept_by_region(self) -> None:
        line = make_line()
        plan = make_bucket(line, 10 * MB)
        records = [usage(line, MB, region="HK"), usage(line, 2 * MB, region="JP"), usage(line, 11 * MB)]
        record_usage(records=records, now=NOW)
        assert used(plan) == 10 * MB
        assert beyond() == [("", MB), ("HK", MB), ("JP", 2 * MB)]
        assert counters_of(line) == [(NOVEMBER, "DATA", 14 * MB, 4 * MB)]

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"region": "hk"}, RejectReason.REGION_INVALID),
            ({"region": "CN-GDX"}, RejectReason.REGION_INVALID),
            ({"app": "a" * 41}, RejectReason.APP_INVALID),
            ({"other_party": "1" * 33}, RejectReason.PARTY_INVALID),
        ],
    )
    def test_and_all_that_is_odd_is_rejected(self, change: dict[str, str], reason: RejectReason) -> None:
        [rejected] = record_usage(records=[usage(make_line(), **change)], now=NOW).rejected  # type: ignore[arg-type]
        assert rejected.reason == reason


class TestShared:
    def test_serve_all_lines_after_their_own(self) -> None:
        mother = make_line()
        child = make_sister(mother)
        family = make_bucket(mother, 10 * MB, name_en="Family", is_shared=True)
        own = make_bucket(child, 2 * MB, name_en="Own")
        record_usage(records=[usage(child, 5 * MB)], now=NOW)
        assert (used(own), used(family)) == (2 * MB, 3 * MB)
        record_usage(records=[usage(mother, 5 * MB)], now=NOW)
        assert used(family) == 8 * MB
        assert counters_of(child) == [(NOVEMBER, "DATA", 5 * MB, 0)]

    def test_serve_the_oldest_line_first_when_they_do_not_reach(self) -> None:
        mother = make_line()
        child = make_sister(mother)
        family = make_bucket(mother, 10 * MB, name_en="Family", is_shared=True)
        record_usage(records=[usage(child, 8 * MB)], now=NOW)
        assert counters_of(child) == [(NOVEMBER, "DATA", 8 * MB, 0)]
        record_usage(records=[usage(mother, 5 * MB)], now=NOW)
        assert used(family) == 10 * MB
        assert counters_of(mother) == [(NOVEMBER, "DATA", 5 * MB, 0)]
        assert counters_of(child) == [(NOVEMBER, "DATA", 8 * MB, 3 * MB)]

    def test_are_not_of_another_account(self) -> None:
        line, stranger = make_line(), make_line()
        family = make_bucket(line, 10 * MB, is_shared=True)
        record_usage(records=[usage(stranger, MB)], now=NOW)
        assert used(family) == 0


class TestCarriedOver:
    def test_is_spent_first(self) -> None:
        line = make_line()
        october = make_bucket(line, 10 * MB, name_en="Plan", starts_at=OCTOBER_START)
        record_usage(records=[usage(line, 6 * MB, at=OCTOBER_START + timedelta(days=29))], now=NOW)
        carried = carry_over(october)
        november = make_bucket(line, 10 * MB)
        record_usage(records=[usage(line, 5 * MB)], now=NOW)
        assert (carried.total, used(carried), used(november)) == (4 * MB, 4 * MB, MB)

    def test_follows_what_is_left_of_its_origin(self) -> None:
        line = make_line()
        october = make_bucket(line, 10 * MB, name_en="Plan", starts_at=OCTOBER_START)
        carried, november = carry_over(october), make_bucket(line, 10 * MB)
        record_usage(records=[usage(line, 8 * MB)], now=NOW)
        assert (used(carried), used(november)) == (8 * MB, 0)
        record_usage(records=[usage(line, 7 * MB, at=MONTH_START - timedelta(hours=1))], now=NOW)
        carried.refresh_from_db()
        assert (used(october), carried.total, used(carried), used(november)) == (7 * MB, 3 * MB, 3 * MB, 5 * MB)
        record_usage(records=[usage(line, 7 * MB, at=MONTH_START - timedelta(hours=1))], now=NOW)
        carried.refresh_from_db()
        assert (used(october), carried.total, used(november)) == (10 * MB, 0, 8 * MB)

    def test_follows_before_anything_was_used(self) -> None:
        line = make_line()
        october = make_bucket(line, 10 * MB, name_en="Plan", starts_at=OCTOBER_START)
        carried = carry_over(october)
        record_usage(records=[usage(line, 3 * MB, at=MONTH_START - timedelta(hours=1))], now=NOW)
        carried.refresh_from_db()
        assert (carried.total, carried.used) == (7 * MB, 0)

    def test_of_a_shared_bucket_serves_all_lines(self) -> None:
        mother = make_line()
        child = make_sister(mother)
        october = make_bucket(mother, 10 * MB, name_en="Family", is_shared=True, starts_at=OCTOBER_START)
        carried = carry_over(october)
        record_usage(records=[usage(child, 5 * MB)], now=NOW)
        record_usage(records=[usage(child, 8 * MB, at=MONTH_START - timedelta(hours=1))], now=NOW)
        carried.refresh_from_db()
        assert (carried.total, carried.used) == (2 * MB, 2 * MB)
        assert counters_of(child)[1] == (NOVEMBER, "DATA", 5 * MB, 3 * MB)


class TestPlanOfWhatIsBeyond:
    def test_is_the_one_in_force_when_the_use_began(self) -> None:
        line = make_line()
        first = make_subscription(line, allowances={}, name_en="First", ends_at=at(10, 0))
        second = make_subscription(line, allowances={}, name_en="Second", started_at=at(10, 0))
        record_usage(records=[usage(line, 2 * MB, at=at(12, 0))], now=NOW)
        record_usage(records=[usage(line, 3 * MB, at=at(9, 0))], now=NOW)
        record_usage(records=[usage(line, 4 * MB, at=at(13, 0))], now=NOW)
        parts = dict(UsageBeyond.objects.values_list("plan_id", "amount"))
        assert parts == {first.id: 3 * MB, second.id: 6 * MB}


class TestRecountUsage:
    def test_spends_a_bucket_that_was_opened_late(self) -> None:
        line = make_line()
        record_usage(records=[usage(line, 7 * MB)], now=NOW)
        bucket = make_bucket(line, 5 * MB)
        recount_usage(account_ids=[line.account_id], month=Month(2026, 11), now=NOW)
        assert used(bucket) == 5 * MB
        assert counters_of(line) == [(NOVEMBER, "DATA", 7 * MB, 2 * MB)]
        assert beyond() == [("", 2 * MB)]

    def test_takes_back_from_a_bucket_that_was_ended_early(self) -> None:
        line = make_line()
        bucket = make_bucket(line, 5 * MB)
        record_usage(records=[usage(line, 5 * MB)], now=NOW)
        Bucket.objects.filter(account_id=line.account_id, id=bucket.id).update(ends_at=at(20, 0))
        recount_usage(account_ids=[line.account_id], month=Month(2026, 11), now=NOW)
        assert (used(bucket), beyond()) == (0, [("", 5 * MB)])

    def test_passes_over_accounts_without_usage(self) -> None:
        line = make_line()
        bucket = make_bucket(line)
        recount_usage(account_ids=[line.account_id], month=Month(2026, 11), now=NOW)
        assert (used(bucket), counters_of(line)) == (0, [])
