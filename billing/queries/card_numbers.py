"""Reads the number of a bank card as people enter it. Nobody is asked, and nothing keeps it."""

import unicodedata

_SHORTEST, _LONGEST = 12, 19
# What people put between the groups of a number.
_BETWEEN_GROUPS = dict.fromkeys(map(ord, "-‐‑–—_. "))


def parse_card_number(text: str) -> str:
    """Return the bare digits; spaces and dashes between them, and full-width digits, make no difference.

    :raises ValueError: it cannot be the number of a card: too short or long, or its check digit does not fit.
    """
    digits = "".join(unicodedata.normalize("NFKC", text).translate(_BETWEEN_GROUPS).split())
    if not (digits.isascii() and digits.isdigit() and _SHORTEST <= len(digits) <= _LONGEST):
        raise ValueError("not as many digits as a card has")
    if len(set(digits)) == 1 or digits[-1] != luhn_digit(digits[:-1]):
        raise ValueError("the check digit does not fit")
    return digits


def luhn_digit(digits: str) -> str:
    """Return the check digit that follows these (ISO/IEC 7812-1, annex B).

    Every second digit from the right, the last one first, counts twice, and the digits of that are added up.
    """
    total = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2]) + sum(map(int, digits[-2::-2]))
    return str(-total % 10)
