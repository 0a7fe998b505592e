from datetime import UTC, date, datetime

import pytest

from kernel.clock import SHANGHAI, Month, month_from_date, month_of, parse_month, quiet_hours_end


class TestMonthOf:
    def test_cuts_the_month_in_shanghai_not_in_utc(self) -> None:
        assert month_of(datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC)) == Month(2026, 10)
        assert month_of(datetime(2026, 10, 31, 16, 0, tzinfo=UTC)) == Month(2026, 11)


class TestMonth:
    def test_is_half_open(self) -> None:
        month = Month(2026, 2)
        assert month.starts_at == datetime(2026, 2, 1, tzinfo=SHANGHAI)
        assert month.ends_at == datetime(2026, 3, 1, tzinfo=SHANGHAI)
        assert month.days == 28

    @pytest.mark.parametrize(
        ("month", "following"),
        [(Month(2026, 12), Month(2027, 1)), (Month(2026, 1), Month(2026, 2)), (Month(2024, 2), Month(2024, 3))],
    )
    def test_knows_its_neighbours_over_new_year(self, month: Month, following: Month) -> None:
        assert month.next == following
        assert following.previous == month

    def test_is_written_and_read_the_same(self) -> None:
        assert str(Month(2026, 3)) == "2026-03"
        assert parse_month("2026-03") == Month(2026, 3)
        assert month_from_date(date(2026, 3, 1)) == Month(2026, 3)


class TestParseMonth:
    @pytest.mark.parametrize(
        "text", ["", "2026", "2026-13", "2026-00", "26-01", "2026-1", "2026-10-01", "２０２６-10", "0000-01"]
    )
    def test_refuses_what_is_no_month(self, text: str) -> None:
        with pytest.raises(ValueError):
            parse_month(text)


class TestQuietHoursEnd:
    @pytest.mark.parametrize(
        ("clock", "end"),
        [
            ((21, 59), (11, 21, 59)),
            ((22, 0), (12, 7, 0)),
            ((23, 30), (12, 7, 0)),
            ((6, 59), (11, 7, 0)),
            ((7, 0), (11, 7, 0)),
            ((12, 0), (11, 12, 0)),
        ],
    )
    def test_moves_only_what_falls_in_the_night(self, clock: tuple[int, int], end: tuple[int, int, int]) -> None:
        instant = datetime(2026, 11, 11, *clock, tzinfo=SHANGHAI)
        day, hour, minute = end
        assert quiet_hours_end(instant, from_hour=22, to_hour=7) == datetime(
            2026, 11, day, hour, minute, tzinfo=SHANGHAI
        )

    def test_serves_quiet_hours_within_one_day(self) -> None:
        instant = datetime(2026, 11, 11, 13, 0, tzinfo=SHANGHAI)
        assert quiet_hours_end(instant, from_hour=12, to_hour=14) == datetime(2026, 11, 11, 14, 0, tzinfo=SHANGHAI)

    def test_equal_hours_mean_no_quiet_hours(self) -> None:
        instant = datetime(2026, 11, 11, 0, 0, tzinfo=SHANGHAI)
        assert quiet_hours_end(instant, from_hour=0, to_hour=0) == instant
