"""Money is whole fen (1/100 yuan) in an integer below the doors. This module reads and writes yuan at the edges."""

import re
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError

FEN_PER_YUAN = 100
_PLAIN_YUAN = re.compile(r"[+]?(\d{1,12})(?:\.(\d{1,2}))?\Z", re.ASCII)


class AmountInvalid(DomainError):
    """The text is not an amount of yuan with at most two decimals."""

    code = "AMOUNT_INVALID"
    message = _("This is not an amount of money.")
    cure = _("Enter yuan with at most two decimals, such as 50 or 49.90.")
    http_status = 400
    field = "amount"


class AmountOutOfRange(DomainError):
    """The amount is below or above what is allowed here."""

    code = "AMOUNT_OUT_OF_RANGE"
    field = "amount"

    def __init__(self, *, minimum_fen: int, maximum_fen: int) -> None:
        super().__init__(
            _("The amount must be between %(minimum)s and %(maximum)s yuan.")
            % {"minimum": yuan_text(minimum_fen), "maximum": yuan_text(maximum_fen)}
        )


def parse_yuan(text: str | int | float | Decimal) -> int:
    """Read an amount of yuan and return fen.

    More than two decimals are refused, not rounded; floats are read through their shortest text.

    :param text: yuan, e.g. "49.90", 50, 49.9 or "１２" is refused (ASCII digits only).
    :return: fen, never negative.
    :raises AmountInvalid: not a plain non-negative amount with at most two decimals.
    """
    if isinstance(text, bool):
        raise AmountInvalid
    match = _PLAIN_YUAN.match(str(text).strip())
    if match is None:
        raise AmountInvalid
    yuan, decimals = match.groups()
    return int(yuan) * FEN_PER_YUAN + int((decimals or "0").ljust(2, "0"))


def require_amount_between(amount_fen: int, *, minimum_fen: int, maximum_fen: int) -> None:
    """Refuse an amount outside [minimum, maximum].

    :raises AmountOutOfRange: it is outside.
    """
    if not minimum_fen <= amount_fen <= maximum_fen:
        raise AmountOutOfRange(minimum_fen=minimum_fen, maximum_fen=maximum_fen)


def yuan_text(amount_fen: int) -> str:
    """Return fen as yuan with two decimals and no grouping: 123456 → "1234.56", -5 → "-0.05"."""
    sign = "-" if amount_fen < 0 else ""
    yuan, fen = divmod(abs(amount_fen), FEN_PER_YUAN)
    return f"{sign}{yuan}.{fen:02d}"


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide whole numbers and round half up (away from zero): the one rounding rule, used once per charge.

    :param denominator: greater than zero.
    """
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))
