import pytest

from packages_app.models import OfferingAllowance, OfferingUnitPrice
from packages_app.sheets.notation import (
    NotationInvalid,
    PriceNotationInvalid,
    allowances_text,
    parse_allowances,
    parse_unit_prices,
    unit_prices_text,
)

KB, MB, GB = 1024, 1024**2, 1024**3


def parts(text: str) -> list[tuple[int, str, int, str, str, bool]]:
    return [
        (part.number, part.usage_kind, part.amount, part.scope, part.scope_value, part.is_shared)
        for part in parse_allowances(text)
    ]


class TestParseAllowances:
    def test_numbers_what_is_written_line_by_line(self) -> None:
        text = "DATA 20GB\n\n VOICE 300min ; SMS 50；DATA 10GB TIME 23:00-07:00 SHARED"
        assert parts(text) == [
            (1, "DATA", 20 * GB, "GENERAL", "", False),
            (2, "VOICE", 300 * 60, "GENERAL", "", False),
            (3, "SMS", 50, "GENERAL", "", False),
            (4, "DATA", 10 * GB, "TIME", "23:00-07:00", True),
        ]

    @pytest.mark.parametrize(
        ("text", "amount"),
        [
            ("data 1.5gb", GB * 3 // 2),
            ("DATA 512 MB", 512 * MB),
            ("流量 20GB", 20 * GB),
            ("DATA 7B", 7),
            ("语音 100分钟", 6_000),
            ("VOICE 90s", 90),
            ("短信 50条", 50),
        ],
    )
    def test_reads_units_and_chinese_words(self, text: str, amount: int) -> None:
        assert [part.amount for part in parse_allowances(text)] == [amount]

    def test_reads_whom_and_what_it_is_for(self) -> None:
        text = "DATA 5GB APP video; 流量 5GB 定向 music 共享; DATA 1GB REGION HK; DATA 2GB SHARED"
        assert [part[3:] for part in parts(text)] == [
            ("APP", "video", False),
            ("APP", "music", True),
            ("REGION", "HK", False),
            ("GENERAL", "", True),
        ]

    @pytest.mark.parametrize(
        "line",
        [
            *("DATA", "20GB", "DATA 20", "DATA 20min", "DATA 0.0000001GB", "DATA -5GB", "SMS 0", "SMS 1.5"),
            *(
                "DATA 5GB APP",
                "DATA 5GB video",
                "DATA 5GB APP video music",
                "DATA 1e3GB",
                "DATA １GB",
                "DATA 9999999999GB",
            ),
        ],
    )
    def test_quotes_what_it_cannot_read(self, line: str) -> None:
        with pytest.raises(NotationInvalid) as refusal:
            parse_allowances(f"SMS 50\n{line}")
        assert f"“{line}”" in str(refusal.value)

    def test_reads_back_what_is_written(self) -> None:
        written = [
            OfferingAllowance(number=2, usage_kind="VOICE", amount=61),
            OfferingAllowance(number=1, usage_kind="DATA", amount=GB + KB, scope="REGION", scope_value="CN-GD"),
            OfferingAllowance(number=3, usage_kind="SMS", amount=7, is_shared=True),
        ]
        text = allowances_text(written)
        assert text == "DATA 1048577KB REGION CN-GD\nVOICE 61s\nSMS 7 SHARED"
        assert allowances_text(parse_allowances(text)) == text


class TestParseUnitPrices:
    @pytest.mark.parametrize(
        ("line", "price"),
        [
            ("DATA 5/GB", ("DATA", "", 5_000, GB)),
            ("DATA JP 3/10MB", ("DATA", "JP", 3_000, 10 * MB)),
            ("流量 hk 0.29/MB", ("DATA", "HK", 290, MB)),
            ("VOICE 0.15/min", ("VOICE", "", 150, 60)),
            ("语音 0.15元/分钟", ("VOICE", "", 150, 60)),
            ("VOICE 0.015/6s", ("VOICE", "", 15, 6)),
            ("SMS 0.1", ("SMS", "", 100, 1)),
            ("短信 0.1/条", ("SMS", "", 100, 1)),
            ("SMS 1/15", ("SMS", "", 1_000, 15)),
            ("DATA 0/GB", ("DATA", "", 0, GB)),
        ],
    )
    def test_reads_yuan_to_the_li(self, line: str, price: tuple[str, str, int, int]) -> None:
        read = parse_unit_prices(line)
        assert [(row.usage_kind, row.region, row.price_li, row.per_amount) for row in read] == [price]
        assert [(row.price_li, row.per_amount) for row in parse_unit_prices(unit_prices_text(read))] == [price[2:]]

    @pytest.mark.parametrize(
        "line",
        [
            "DATA 5",
            "DATA 5/",
            "DATA /GB",
            "VOICE 5/GB",
            "SMS",
            "DATA 5/0GB",
            "DATA JP KR 5/GB",
            "DATA 0.0001/GB",
            "DATA 1/9999999999GB",
        ],
    )
    def test_quotes_what_it_cannot_read(self, line: str) -> None:
        with pytest.raises(PriceNotationInvalid) as refusal:
            parse_unit_prices(line)
        assert f"“{line}”" in str(refusal.value)

    def test_are_written_home_first(self) -> None:
        prices = [
            OfferingUnitPrice(usage_kind="DATA", region="JP", price_li=3_000, per_amount=10 * MB),
            OfferingUnitPrice(usage_kind="SMS", price_li=100, per_amount=1),
            OfferingUnitPrice(usage_kind="DATA", price_li=5_000, per_amount=GB),
            OfferingUnitPrice(usage_kind="VOICE", price_li=150, per_amount=60),
        ]
        assert unit_prices_text(prices) == "DATA 5/GB\nDATA JP 3/10MB\nSMS 0.1\nVOICE 0.15/min"
