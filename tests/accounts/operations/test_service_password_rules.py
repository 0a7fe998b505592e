from typing import Any

import pytest
from django.utils import translation

from accounts.operations.service_password_rules import ServicePasswordWeak, normalised, require_strong

NUMBER = "+8613800138000"


class TestRequireStrong:
    @pytest.mark.parametrize(
        "password", ["correct horse", "蓝色风筝和三只猫咪", "k7#mT2qz", "river-1984-moss", "a" * 3 + "bQ7x!"]
    )
    def test_takes_what_nobody_guesses(self, password: str) -> None:
        require_strong(password=password, msisdn=NUMBER)

    @pytest.mark.parametrize(
        ("password", "why"),
        [
            ("k7#mT2q", "8"),
            ("x7#" * 30, "64"),
            ("11111111", "repeats"),
            ("12121212", "repeats"),
            ("abcabcabc", "repeats"),
            ("aAaAaAaA", "repeats"),
            ("12345678", "counts on"),
            ("87654321", "counts on"),
            ("abcdefgh", "counts on"),
            ("12345abcde", "counts on"),
            ("19900215", "birthday"),
            ("15021990", "birthday"),
            ("1990-02-15", "birthday"),
            ("1990年2月15日"[:5] + "02月15日", "birthday"),
            ("13800138000", "phone number"),
            ("x0013800x", "phone number"),
            ("00083100831", "phone number"),
            ("iloveyou", "Very many"),
            ("Password1", "Very many"),
        ],
    )
    def test_refuses_what_is_soon_guessed_and_says_why(self, password: str, why: str) -> None:
        with pytest.raises(ServicePasswordWeak) as refusal:
            require_strong(password=password, msisdn=NUMBER)
        with translation.override("en"):
            assert why in str(refusal.value.message)

    def test_lets_an_operator_keep_to_six_digits(self, settings: Any) -> None:
        settings.SERVICE_PASSWORD_MIN_LENGTH = 6
        require_strong(password="739164", msisdn=NUMBER)
        with pytest.raises(ServicePasswordWeak):
            require_strong(password="900215", msisdn=NUMBER)


class TestNormalised:
    def test_reads_full_width_characters_as_plain_ones(self) -> None:
        assert normalised(password="ｋ７＃ｍＴ２ｑｚ") == "k7#mT2qz"
