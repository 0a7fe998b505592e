from datetime import UTC, date, datetime

import pytest
from pytest_django import Settings

from messaging.texts import day_words, instant_words, month_words, signed
from tests.factories.messaging import NOTICE

AN_INSTANT = datetime(2026, 3, 26, 0, 5, tzinfo=UTC)


class TestSmsTemplate:
    def test_speaks_the_language_of_the_line(self) -> None:
        assert NOTICE.render("zh-hans", {"name": "张三"}) == "您好，张三。"
        assert NOTICE.render("en", {"name": "Emma"}) == "Hello, Emma."

    def test_refuses_to_leave_a_gap(self) -> None:
        with pytest.raises(KeyError, match="name"):
            NOTICE.render("en", {})

    def test_takes_values_as_they_are(self) -> None:
        assert NOTICE.render("en", {"name": "{name}"}) == "Hello, {name}."


class TestSigned:
    def test_puts_the_operator_in_front(self, settings: Settings) -> None:
        settings.OPERATOR_NAME, settings.OPERATOR_NAME_EN = "清风电信", "Breeze"
        assert signed("zh-hans", "您好。") == "【清风电信】您好。"
        assert signed("en", "Hello.") == "[Breeze] Hello."


class TestInstantWords:
    def test_are_those_of_shanghai(self) -> None:
        assert instant_words("zh-hans", AN_INSTANT) == "3月26日8时05分"
        assert instant_words("en", AN_INSTANT) == "26 Mar 08:05"


class TestDayWords:
    def test_are_those_of_shanghai(self) -> None:
        assert day_words("zh-hans", datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == "1月1日"
        assert day_words("en", datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == "31 Dec"


class TestMonthWords:
    def test_name_month_and_year(self) -> None:
        assert month_words("zh-hans", date(2026, 3, 1)) == "2026年3月"
        assert month_words("en", date(2026, 3, 1)) == "Mar 2026"
