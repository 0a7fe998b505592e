import pytest
from django.utils.translation import override

from kernel.regions import PROVINCE_CODES, ROAMING_CODES, region_name


class TestRegionName:
    @pytest.mark.parametrize(
        ("code", "language", "name"),
        [
            ("CN-GD", "zh-hans", "广东"),
            ("CN-GD", "en", "Guangdong"),
            ("HK", "en", "Hong Kong, China"),
            ("XX", "en", "XX"),
        ],
    )
    def test_speaks_the_language_asked_for(self, code: str, language: str, name: str) -> None:
        assert region_name(code, language) == name

    def test_speaks_the_language_of_the_page(self) -> None:
        with override("en"):
            english = region_name("JP")
        with override("zh-hans"):
            assert (english, region_name("JP")) == ("Japan", "日本")

    def test_knows_all_provinces_and_no_code_twice(self) -> None:
        assert len(PROVINCE_CODES) == 31
        assert not PROVINCE_CODES & ROAMING_CODES
