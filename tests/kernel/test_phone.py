import pytest

from kernel.phone import NumberInvalid, grouped_number, national_number, parse_msisdn


class TestParseMsisdn:
    @pytest.mark.parametrize(
        "text",
        [
            "13800138000",
            "138 0013 8000",
            "138-0013-8000",
            "+8613800138000",
            "008613800138000",
            "8613800138000",
            " 13800138000 ",
        ],
    )
    def test_reads_a_number_as_people_type_it(self, text: str) -> None:
        assert parse_msisdn(text) == "+8613800138000"

    def test_takes_thirteen_digit_internet_of_things_numbers(self) -> None:
        assert parse_msisdn("1064812345678") == "+861064812345678"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "1380013800",
            "138001380000",
            "10086",
            "1008611",
            "01088888888",
            "+14155550123",
            "abc",
            "１３８００１３８０００",
            "1" * 40,
            "+",
            "12345678901",
        ],
    )
    def test_refuses_what_is_no_mainland_mobile_number(self, text: str) -> None:
        with pytest.raises(NumberInvalid) as refusal:
            parse_msisdn(text)
        assert refusal.value.code == "NUMBER_INVALID"


class TestShownNumbers:
    def test_are_grouped_3_4_4(self) -> None:
        assert grouped_number("+8613800138000") == "138 0013 8000"
        assert grouped_number("+861064812345678") == "1064812345678"
        assert national_number("+8613800138000") == "13800138000"
