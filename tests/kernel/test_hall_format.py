import pytest

from kernel.templatetags import hall_format

GIB = 1024**3


class TestSignedYuan:
    @pytest.mark.parametrize(("fen", "text"), [(600, "+6.00"), (0, "0.00"), (-123400, "-1,234.00")])
    def test_writes_the_sign(self, fen: int, text: str) -> None:
        assert hall_format.signed_yuan(fen) == text


class TestYuan:
    @pytest.mark.parametrize(
        ("fen", "text"),
        [(0, "0.00"), (5, "0.05"), (1230, "12.30"), (123450, "1,234.50"), (-5, "-0.05"), (-123456789, "-1,234,567.89")],
    )
    def test_groups_thousands_and_keeps_two_decimals(self, fen: int, text: str) -> None:
        assert hall_format.yuan(fen) == text


class TestPlainYuan:
    @pytest.mark.parametrize(("fen", "text"), [(3000, "30"), (2990, "29.90"), (100000, "1,000"), (0, "0")])
    def test_drops_fen_that_are_zero(self, fen: int, text: str) -> None:
        assert hall_format.plain_yuan(fen) == text


class TestDataVolume:
    @pytest.mark.parametrize(
        ("volume", "text"),
        [
            (0, "0 KB"),
            (1023, "0.99 KB"),
            (1024, "1 KB"),
            (1024**2 - 1, "1023.99 KB"),
            (500 * 1024**2, "500 MB"),
            (5 * GIB // 4, "1.25 GB"),
            (30 * GIB, "30 GB"),
            (-GIB, "-1 GB"),
            (-1, "0 KB"),
        ],
    )
    def test_picks_the_largest_unit_and_never_overstates(self, volume: int, text: str) -> None:
        assert hall_format.data_volume(volume) == text


class TestVolumeParts:
    def test_gives_figure_and_unit_apart(self) -> None:
        assert hall_format.volume_parts(5 * GIB // 4) == ("1.25", "GB")


class TestMinutes:
    @pytest.mark.parametrize(("seconds", "text"), [(0, "0"), (59, "0"), (60, "1"), (779, "12")])
    def test_counts_full_minutes_only(self, seconds: int, text: str) -> None:
        assert hall_format.minutes(seconds) == text


class TestGroupedNumber:
    @pytest.mark.parametrize(("msisdn", "text"), [("+8613800138000", "138 0013 8000"), ("10086", "10086")])
    def test_groups_three_four_four(self, msisdn: str, text: str) -> None:
        assert hall_format.grouped_number(msisdn) == text


class TestMaskedNumber:
    @pytest.mark.parametrize(("msisdn", "text"), [("+8613812345678", "138****5678"), ("10086", "10086")])
    def test_hides_the_middle(self, msisdn: str, text: str) -> None:
        assert hall_format.masked_number(msisdn) == text


class TestPercentOf:
    @pytest.mark.parametrize(("part", "whole", "percent"), [(3, 8, 37), (0, 8, 0), (9, 8, 100), (-1, 8, 0), (1, 0, 0)])
    def test_stays_within_a_hundred(self, part: int, whole: int, percent: int) -> None:
        assert hall_format.percent_of(part, whole) == percent
