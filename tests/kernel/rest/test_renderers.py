import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils.translation import gettext_lazy

from kernel.clock import SHANGHAI
from kernel.rest.renderers import TmfJSONEncoder, instant_text, json_number


class TestJsonNumber:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("86.50", "86.5"),
            ("0.1", "0.1"),
            ("0.30", "0.3"),
            ("50.00", "50"),
            ("-0.05", "-0.05"),
            ("0.00", "0"),
            ("9999999999999.99", "9999999999999.99"),
            ("1234567890123456", "1234567890123456"),
        ],
    )
    def test_is_written_exactly(self, value: str, text: str) -> None:
        assert json.dumps(json_number(Decimal(value))) == text

    def test_every_fen_of_a_hundred_yuan_survives(self) -> None:
        written = [json.dumps(json_number(Decimal(fen) / 100)) for fen in range(10_001)]
        assert [int(Decimal(text) * 100) for text in written] == list(range(10_001))

    def test_refuses_to_round(self) -> None:
        with pytest.raises(ValueError, match="without rounding"):
            json_number(Decimal("0.12345678901234567"))


class TestInstantText:
    @pytest.mark.parametrize(
        ("instant", "text"),
        [
            (datetime(2026, 3, 26, 8, 32, tzinfo=SHANGHAI), "2026-03-26T00:32:00Z"),
            (datetime(2026, 3, 26, 0, 32, 0, 104233, tzinfo=UTC), "2026-03-26T00:32:00.104233Z"),
            (datetime(2026, 3, 26, 0, 32, 0, 100000, tzinfo=UTC), "2026-03-26T00:32:00.100000Z"),
        ],
    )
    def test_is_utc_with_a_z(self, instant: datetime, text: str) -> None:
        assert instant_text(instant) == text


class TestTmfJSONEncoder:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (Decimal("49.90"), "49.9"),
            (datetime(2026, 3, 26, tzinfo=UTC), '"2026-03-26T00:00:00Z"'),
            (UUID(int=7), '"00000000-0000-0000-0000-000000000007"'),
            (gettext_lazy("No such text"), '"No such text"'),
        ],
    )
    def test_writes_what_resources_are_made_of(self, value: Any, text: str) -> None:
        assert json.dumps(value, cls=TmfJSONEncoder) == text

    def test_refuses_other_things(self) -> None:
        with pytest.raises(TypeError):
            json.dumps(object(), cls=TmfJSONEncoder)
