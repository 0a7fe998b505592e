from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import (
    AmountInvalid,
    AmountOutOfRange,
    parse_yuan,
    require_amount_between,
    round_half_up,
    yuan_text,
)


class TestParseYuan:
    @pytest.mark.parametrize(
        ("text", "fen"),
        [
            ("50", 5000),
            ("49.9", 4990),
            ("49.90", 4990),
            ("0.01", 1),
            ("0", 0),
            (" 12 ", 1200),
            (49.9, 4990),
            (Decimal("1.20"), 120),
        ],
    )
    def test_reads_yuan_with_at_most_two_decimals(self, text: str | float | Decimal, fen: int) -> None:
        assert parse_yuan(text) == fen

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "-1",
            "1.001",
            "1.",
            ".5",
            "1,000",
            "１２",
            "1e3",
            "NaN",
            "Infinity",
            "0x10",
            "1 2",
            "9" * 13,
            True,
            None,
        ],
    )
    def test_refuses_everything_else(self, text: str) -> None:
        with pytest.raises(AmountInvalid) as refusal:
            parse_yuan(text)
        assert refusal.value.code == "AMOUNT_INVALID"
        assert refusal.value.field == "amount"

    @given(st.integers(min_value=0, max_value=10**14 - 1))
    def test_reads_back_what_yuan_text_wrote(self, fen: int) -> None:
        assert parse_yuan(yuan_text(fen)) == fen


class TestYuanText:
    @pytest.mark.parametrize(
        ("fen", "text"), [(0, "0.00"), (5, "0.05"), (123456, "1234.56"), (-5, "-0.05"), (-12345, "-123.45")]
    )
    def test_writes_two_decimals(self, fen: int, text: str) -> None:
        assert yuan_text(fen) == text


class TestRequireAmountBetween:
    @pytest.mark.parametrize("fen", [100, 5000, 1_000_000])
    def test_lets_the_bounds_and_what_is_between_pass(self, fen: int) -> None:
        require_amount_between(fen, minimum_fen=100, maximum_fen=1_000_000)

    @pytest.mark.parametrize("fen", [99, 1_000_001, 0])
    def test_names_both_bounds_in_the_refusal(self, fen: int) -> None:
        with pytest.raises(AmountOutOfRange) as refusal:
            require_amount_between(fen, minimum_fen=100, maximum_fen=1_000_000)
        assert "1.00" in str(refusal.value)
        assert "10000.00" in str(refusal.value)


class TestRoundHalfUp:
    @pytest.mark.parametrize(
        ("numerator", "denominator", "result"),
        [(5, 2, 3), (4, 3, 1), (-5, 2, -3), (0, 7, 0), (14, 4, 4), (149, 100, 1), (150, 100, 2)],
    )
    def test_rounds_half_away_from_zero(self, numerator: int, denominator: int, result: int) -> None:
        assert round_half_up(numerator, denominator) == result
