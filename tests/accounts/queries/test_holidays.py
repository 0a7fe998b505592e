from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import HolidayWindow
from accounts.queries.holidays import get_protection, list_missing_years
from kernel.clock import SHANGHAI

pytestmark = pytest.mark.django_db


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=SHANGHAI)


def window(code: str, starts_at: datetime, ends_at: datetime, province: str = "", star: int = 3) -> HolidayWindow:
    return HolidayWindow.objects.create(
        code=code, name_zh=f"{code}节", name_en=code, province=province, starts_at=starts_at, ends_at=ends_at,
        minimum_star=star,
    )  # fmt: skip


class TestGetProtection:
    def test_holds_from_the_first_instant_and_not_at_the_end(self) -> None:
        window("A", at(1), at(8))
        just_before = at(1) - timedelta(microseconds=1)
        found = [get_protection("CN-GD", 3, instant) for instant in (just_before, at(1), at(7, 23), at(8))]
        assert [protection and protection.ends_at for protection in found] == [None, at(8), at(8), None]
        assert found[1] is not None
        assert (found[1].name_in("zh-hans"), found[1].name_in("en")) == ("A节", "A")

    @pytest.mark.parametrize(
        ("province", "star", "protected"),
        [("CN-GD", 4, True), ("CN-GD", 5, True), ("CN-GD", 3, False), ("CN-GD", None, False), ("CN-ZJ", 5, False)],
    )
    def test_asks_for_the_province_and_the_star(self, province: str, star: int | None, protected: bool) -> None:
        window("A", at(1), at(8), province="CN-GD", star=4)
        assert (get_protection(province, star, at(2)) is not None) is protected

    def test_takes_windows_that_touch_for_one(self) -> None:
        window("A", at(1), at(8))
        window("INSIDE", at(3), at(4))
        window("B", at(8), at(9, 12), province="CN-GD")
        window("LATER", at(9, 13), at(20))
        found = get_protection("CN-GD", 3, at(2))
        assert found is not None
        assert (found.ends_at, [one.code for one in found.windows]) == (at(9, 12), ["A", "INSIDE", "B"])


class TestHolidayWindow:
    @pytest.mark.parametrize(
        ("starts_at", "ends_at", "star", "constraint"),
        [
            (at(2), at(2), 3, "holiday_window_ends_after_start"),
            (at(2), at(3) + timedelta(minutes=1), 3, "holiday_window_to_the_hour"),
            (at(2), at(3), 6, "holiday_window_star_known"),
        ],
    )
    def test_is_a_time_to_the_hour_for_a_star(
        self, starts_at: datetime, ends_at: datetime, star: int, constraint: str
    ) -> None:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            window("A", starts_at, ends_at, star=star)
        assert HolidayWindow.objects.count() == 0


class TestListMissingYears:
    def test_asks_for_the_next_year_from_november_on(self) -> None:
        october = datetime(2026, 10, 31, 23, tzinfo=SHANGHAI).replace(year=3026)
        assert list_missing_years(october) == [3026]
        assert list_missing_years(october + timedelta(hours=1)) == [3026, 3027]
        assert list_missing_years(datetime(2025, 10, 31, tzinfo=SHANGHAI)) == []
        assert list_missing_years(datetime(2025, 11, 1, tzinfo=SHANGHAI)) == []
