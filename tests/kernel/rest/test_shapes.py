from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kernel.errors import DomainError
from kernel.rest.errors import AttributeInvalid
from kernel.rest.shapes import Flag, Instant, ListOf, Number, Shape, Structure, Text, Whole, Yuan

NESTED = Structure("Nested", {"name": Text(), "count": Number()}, required=("name",))


class TestRead:
    @pytest.mark.parametrize(
        ("shape", "value", "read"),
        [
            (Text(), "陈", "陈"),
            (Text(choices=("a", "b")), "b", "b"),
            (Flag(), False, False),
            (Number(), 7, Decimal(7)),
            (Number(), Decimal("0.10"), Decimal("0.1")),
            (Whole(), -7, -7),
            (Yuan(), 50, 50_00),
            (Yuan(), Decimal("49.90"), 49_90),
            (Yuan(), Decimal("0.1"), 10),
            (Yuan(), Decimal("1E+2"), 100_00),
            (Yuan(), 0, 0),
            (Instant(), "2026-03-26T08:32:00.5+08:00", datetime(2026, 3, 26, 0, 32, 0, 500_000, tzinfo=UTC)),
            (Instant(), "2026-03-26T00:32:00Z", datetime(2026, 3, 26, 0, 32, tzinfo=UTC)),
            (ListOf(Flag()), [True, False], [True, False]),
            (NESTED, {"name": "x", "count": None}, {"name": "x"}),
        ],
    )
    def test_gives_the_value(self, shape: Shape, value: Any, read: Any) -> None:
        assert shape.read(value, "at") == read

    @pytest.mark.parametrize(
        ("shape", "value", "path"),
        [
            (Text(), 5, "at"),
            (Text(), None, "at"),
            (Text(), "a\0b", "at"),
            (Text(), "\ud800", "at"),
            (Text(max_length=3), "four", "at"),
            (Text(choices=("a",)), "b", "at"),
            (Flag(), 1, "at"),
            (Flag(), "true", "at"),
            (Number(), True, "at"),
            (Number(), "5", "at"),
            (Number(), Decimal("1e999"), "at"),
            (Number(), Decimal("0.1234567890123456"), "at"),
            (Whole(), True, "at"),
            (Whole(), Decimal("7.0"), "at"),
            (Whole(), 10**15, "at"),
            (Yuan(), True, "at"),
            (Yuan(), "50", "at"),
            (Yuan(), None, "at"),
            (Yuan(), {}, "at"),
            (Yuan(), Decimal("1.001"), "at"),
            (Yuan(), -1, "at"),
            (Yuan(), Decimal("-0.01"), "at"),
            (Yuan(), 10**12, "at"),
            (Yuan(), Decimal("1e999999"), "at"),
            (Yuan(), Decimal("1e-999999"), "at"),
            (Instant(), "2026-03-26", "at"),
            (Instant(), "2026-03-26T00:32:00", "at"),
            (Instant(), "2026-02-30T00:32:00Z", "at"),
            (Instant(), "２０２６-03-26T00:32:00Z", "at"),
            (Instant(), 1774485120, "at"),
            (Instant(), "9999-12-31T23:59:59-23:59", "at"),
            (Instant(), "0001-01-01T00:00:00+23:59", "at"),
            (ListOf(Text()), "text", "at"),
            (ListOf(Text()), ["a", 5], "at[1]"),
            (ListOf(Text(), max_length=1), ["a", "b"], "at"),
            (NESTED, [], "at"),
            (NESTED, {}, "at.name"),
            (NESTED, {"name": None}, "at.name"),
            (NESTED, {"name": "x", "count": "7"}, "at.count"),
            (NESTED, {"name": "x", "colour": "red"}, "at.colour"),
        ],
    )
    def test_names_what_it_refuses(self, shape: Shape, value: Any, path: str) -> None:
        with pytest.raises(DomainError) as refusal:
            shape.read(value, "at")
        assert (refusal.value.http_status, refusal.value.field) == (400, path)

    def test_names_attributes_of_the_body_without_a_dot(self) -> None:
        with pytest.raises(AttributeInvalid) as refusal:
            NESTED.read({"colour": 1}, "")
        assert refusal.value.field == "colour"


class TestReadText:
    @pytest.mark.parametrize(
        ("shape", "text", "read"),
        [
            (Text(), "5", "5"),
            (Flag(), "true", True),
            (Number(), "-0.5", Decimal("-0.5")),
            (Whole(), "-7", -7),
            (Yuan(), "49.9", 49_90),
            (Instant(), "2026-03-26T08:32:00 08:00", datetime(2026, 3, 26, 0, 32, tzinfo=UTC)),
        ],
    )
    def test_gives_the_value(self, shape: Shape, text: str, read: Any) -> None:
        assert shape.read_text(text, "at") == read

    @pytest.mark.parametrize(
        ("shape", "text"),
        [
            (Flag(), "yes"),
            (Number(), "1e5"),
            (Number(), "NaN"),
            (Whole(), "1.0"),
            (Yuan(), "1.001"),
            (Instant(), "now"),
        ],
    )
    def test_names_what_it_refuses(self, shape: Shape, text: str) -> None:
        with pytest.raises(DomainError) as refusal:
            shape.read_text(text, "at")
        assert (refusal.value.http_status, refusal.value.field) == (400, "at")
