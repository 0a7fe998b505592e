from datetime import UTC, datetime
from typing import Any

import pytest

from kernel.clock import SHANGHAI, Month
from packages_app.queries.proration import Share, get_first_share, get_month_fee_fen, get_share_by_days

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)


def at(day: int, hour: int = 12, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


class TestShare:
    def test_rounds_half_up_once(self) -> None:
        assert Share(1, 2).of(5) == 3
        assert Share(9, 30).of(29_00) == 8_70
        assert Share(1, 31).of(1) == 0

    def test_divides_whole_bytes_without_losing_any(self) -> None:
        assert Share(7, 31).of(31 * 1024**3) == 7 * 1024**3


class TestGetShareByDays:
    @pytest.mark.parametrize(
        ("instant", "share"),
        [
            (at(1, 0), (30, 30)),
            (at(22), (9, 30)),
            (at(30, 23), (1, 30)),
            (at(31, month=12), (1, 31)),
            (at(28, month=2), (1, 28)),
            (at(28, month=2, year=2028), (2, 29)),
            # The day is the one in Shanghai.
            (datetime(2026, 11, 21, 16, tzinfo=UTC), (9, 30)),
            (datetime(2026, 11, 21, 15, 59, tzinfo=UTC), (10, 30)),
        ],
    )
    def test_counts_the_day_of_the_beginning(self, instant: datetime, share: tuple[int, int]) -> None:
        assert get_share_by_days(instant) == share


class TestGetFirstShare:
    @pytest.mark.parametrize(("day", "share"), [(1, (1, 1)), (15, (1, 1)), (16, (1, 2)), (30, (1, 2))])
    def test_halves_from_the_sixteenth(self, day: int, share: tuple[int, int]) -> None:
        assert get_first_share("HALF", at(day)) == share

    def test_gives_all_of_the_month_under_the_full_rule(self) -> None:
        assert get_first_share("FULL", at(30)) == (1, 1)

    def test_goes_by_days(self) -> None:
        assert get_first_share("BY_DAYS", at(22)) == (9, 30)


class TestGetMonthFeeFen:
    @staticmethod
    def fee(month: Month, **changes: Any) -> int:
        terms = {"recurrence": "MONTHLY", "price_fen": 29_00} | changes
        return get_month_fee_fen(terms=terms, first_month="BY_DAYS", started_at=at(22), month=month)

    def test_is_a_part_in_the_first_month_and_the_whole_from_then_on(self) -> None:
        assert [self.fee(month) for month in (NOVEMBER.previous, NOVEMBER, DECEMBER)] == [0, 8_70, 29_00]

    def test_is_the_whole_when_it_begins_with_the_month(self) -> None:
        fee = get_month_fee_fen(
            terms={"recurrence": "MONTHLY", "price_fen": 29_00},
            first_month="BY_DAYS",
            started_at=DECEMBER.starts_at,
            month=DECEMBER,
        )
        assert fee == 29_00

    def test_is_nothing_for_what_is_paid_once(self) -> None:
        assert self.fee(NOVEMBER, recurrence="ONCE") == 0
