from datetime import datetime

import pytest

from accounts.models import HolidayWindow
from accounts.operations.keep_holidays import HolidaysKept, keep_holidays
from kernel.clock import SHANGHAI

pytestmark = pytest.mark.django_db

SUMMER_2025 = datetime(2025, 7, 1, tzinfo=SHANGHAI)


class TestKeepHolidays:
    def test_makes_the_windows_of_this_year_and_the_next(self) -> None:
        kept = keep_holidays(now=SUMMER_2025)
        assert kept == HolidaysKept(made=14, moved=0, missing_years=[])
        national = HolidayWindow.objects.get(code="CN-2025-NATIONAL_DAY")
        assert (national.starts_at, national.ends_at) == (
            datetime(2025, 10, 1, tzinfo=SHANGHAI),
            datetime(2025, 10, 9, tzinfo=SHANGHAI),
        )
        assert (national.name_zh, national.province, national.minimum_star) == ("国庆节", "", 3)

    def test_changes_nothing_the_second_time(self) -> None:
        keep_holidays(now=SUMMER_2025)
        before = list(HolidayWindow.objects.values())
        assert keep_holidays(now=SUMMER_2025) == HolidaysKept(made=0, moved=0, missing_years=[])
        assert list(HolidayWindow.objects.values()) == before

    def test_moves_what_the_calendar_moved_and_leaves_what_staff_changed(self) -> None:
        keep_holidays(now=SUMMER_2025)
        spring, labour = "CN-2026-SPRING_FESTIVAL", "CN-2026-LABOUR_DAY"
        other = datetime(2026, 6, 1, tzinfo=SHANGHAI)
        HolidayWindow.objects.filter(code__in=[spring, labour]).update(ends_at=other, minimum_star=5)
        HolidayWindow.objects.filter(code=labour).update(is_kept_by_staff=True)
        assert keep_holidays(now=SUMMER_2025).moved == 1
        ends = dict(HolidayWindow.objects.filter(minimum_star=5).values_list("code", "ends_at"))
        assert ends == {spring: datetime(2026, 2, 24, tzinfo=SHANGHAI), labour: other}

    def test_says_which_years_the_calendar_does_not_know(self) -> None:
        kept = keep_holidays(now=datetime(2999, 12, 1, tzinfo=SHANGHAI))
        assert kept == HolidaysKept(made=0, moved=0, missing_years=[2999, 3000])
