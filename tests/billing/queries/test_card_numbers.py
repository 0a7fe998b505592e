import pytest

from billing.queries.card_numbers import luhn_digit, parse_card_number


class TestParseCardNumber:
    @pytest.mark.parametrize(
        "text",
        [
            "4111111111111111",
            " 4111 1111 1111 1111 ",
            "4111-1111-1111-1111",
            "４１１１　１１１１　１１１１　１１１１",
        ],
    )
    def test_reads_the_digits_however_they_are_grouped(self, text: str) -> None:
        assert parse_card_number(text) == "4111111111111111"

    @pytest.mark.parametrize("length", [12, 16, 19])
    def test_takes_numbers_of_any_length_that_cards_have(self, length: int) -> None:
        digits = "62000000123456789012345"[: length - 1]
        number = digits + luhn_digit(digits)
        assert parse_card_number(number) == number

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "4111111111111112",
            "4111111111111",
            "41111111111111111111",
            "0000000000000000",
            "411111111111111x",
            "٤١١١١١١١١١١١١١١١",
            "4111/1111/1111/1111",
            "4111111111111111; DROP TABLE",
        ],
    )
    def test_refuses_what_is_no_number_of_a_card(self, text: str) -> None:
        with pytest.raises(ValueError):
            parse_card_number(text)

    def test_notices_every_single_wrong_digit_and_every_swap_of_neighbours_but_one(self) -> None:
        number = "6200000012345678"[:15]
        number += luhn_digit(number)
        wrong = [
            number[:at] + digit + number[at + 1 :] for at in range(16) for digit in "0123456789" if digit != number[at]
        ]
        swapped = [
            number[:at] + number[at + 1] + number[at] + number[at + 2 :]
            for at in range(15)
            if number[at] != number[at + 1] and {number[at], number[at + 1]} != {"0", "9"}
        ]
        assert (len(wrong), len(swapped) > 5) == (144, True)
        for text in wrong + swapped:
            with pytest.raises(ValueError):
                parse_card_number(text)
