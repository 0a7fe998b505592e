import pytest

from accounts.queries.public_holidays import is_year_known, list_public_holidays


def days(year: int) -> dict[str, tuple[str, str]]:
    return {
        holiday.code: (f"{holiday.starts_at:%Y-%m-%d %H}", f"{holiday.ends_at:%Y-%m-%d %H}")
        for holiday in list_public_holidays(year)
    }


class TestListPublicHolidays:
    def test_gives_each_holiday_of_a_year_with_all_its_days_off(self) -> None:
        assert days(2026) == {
            "CN-2026-NEW_YEARS_DAY": ("2026-01-01 00", "2026-01-04 00"),
            "CN-2026-SPRING_FESTIVAL": ("2026-02-15 00", "2026-02-24 00"),
            "CN-2026-TOMB_SWEEPING_DAY": ("2026-04-04 00", "2026-04-07 00"),
            "CN-2026-LABOUR_DAY": ("2026-05-01 00", "2026-05-06 00"),
            "CN-2026-DRAGON_BOAT_FESTIVAL": ("2026-06-19 00", "2026-06-22 00"),
            "CN-2026-MID_AUTUMN_FESTIVAL": ("2026-09-25 00", "2026-09-28 00"),
            "CN-2026-NATIONAL_DAY": ("2026-10-01 00", "2026-10-08 00"),
        }

    def test_gives_new_years_day_to_the_year_that_it_opens(self) -> None:
        assert days(2024)["CN-2024-NEW_YEARS_DAY"] == ("2023-12-30 00", "2024-01-02 00")
        assert days(2023)["CN-2023-NEW_YEARS_DAY"] == ("2022-12-31 00", "2023-01-03 00")

    def test_names_them_in_both_languages(self) -> None:
        spring = list_public_holidays(2026)[1]
        assert (spring.name_zh, spring.name_en) == ("春节", "Spring Festival")

    @pytest.mark.parametrize("year", [2003, 2999])
    def test_knows_nothing_of_other_years(self, year: int) -> None:
        assert (is_year_known(year), list_public_holidays(year)) == (False, [])
