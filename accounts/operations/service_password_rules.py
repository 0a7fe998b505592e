"""Which service passwords are too easy to guess."""

import re
import unicodedata
from datetime import date, datetime
from itertools import pairwise

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from kernel.phone import national_number

MOST_CHARACTERS = 64
# As many digits of the own number in a row give it away.
_OWN_DIGITS = 6
_RUN_SHARE = 0.75
_common = CommonPasswordValidator()


class ServicePasswordWeak(DomainError):
    """Somebody who knows the number or the person would guess it soon."""

    code = "SERVICE_PASSWORD_WEAK"
    message = _("This password is too easy to guess.")
    cure = _("Take several words, or letters and digits that nobody connects with you.")
    field = "password"


def normalised(*, password: str) -> str:
    """Return a password as it is hashed: full-width characters of a Chinese keyboard count as the plain ones."""
    return unicodedata.normalize("NFKC", password)


def require_strong(*, password: str, msisdn: str) -> None:
    """Refuse a password that is too short, too long, or easy to guess.

    :param password: normalised.
    :param msisdn: E.164, of the line that it is for.
    :raises ServicePasswordWeak: it says why.
    """
    least = settings.SERVICE_PASSWORD_MIN_LENGTH
    if not least <= len(password) <= MOST_CHARACTERS:
        words = _("The password must have %(least)d to %(most)d characters.")
        raise ServicePasswordWeak(words % {"least": least, "most": MOST_CHARACTERS}, cure="")
    if _repeats(password) or _runs(password):
        raise ServicePasswordWeak(_("This password only repeats or counts on."))
    if _is_day(password):
        raise ServicePasswordWeak(_("This password looks like a birthday."))
    if _is_part_of_number(password, national_number(msisdn)):
        raise ServicePasswordWeak(_("This password is made of your phone number."))
    try:
        _common.validate(password)
    except ValidationError:
        raise ServicePasswordWeak(_("Very many people use this password.")) from None


def _repeats(password: str) -> bool:
    """Tell whether it is one short piece over and over, or made of two characters: 11111111, 121212, abcabcab."""
    folded = password.casefold()
    pieces = range(1, len(folded) // 2 + 1)
    return len(set(folded)) <= 2 or any((folded[:size] * len(folded))[: len(folded)] == folded for size in pieces)


def _runs(password: str) -> bool:
    """Tell whether it mostly counts up or down: 12345678, 87654321, abcdefgh, 1234abcd."""
    folded = password.casefold()
    steps = [ord(after) - ord(before) for before, after in pairwise(folded)]
    return max(steps.count(1), steps.count(-1)) >= _RUN_SHARE * len(steps)


def _is_day(password: str) -> bool:
    """Tell whether its digits are nothing but a day: 19900215, 900215, 1990-02-15, 15021990."""
    digits = re.sub(r"[\s./年月日-]", "", password)
    orders = {8: ("%Y%m%d", "%d%m%Y", "%m%d%Y"), 6: ("%y%m%d", "%d%m%y", "%m%d%y")}.get(len(digits), ())
    return digits.isascii() and digits.isdigit() and any(_reads_as(digits, order) for order in orders)


def _reads_as(digits: str, order: str) -> bool:
    try:
        day = datetime.strptime(digits, order).date()  # noqa: DTZ007 (a day, no instant)
    except ValueError:
        return False
    return date(1900, 1, 1) <= day <= date(2100, 12, 31)


def _is_part_of_number(password: str, number: str) -> bool:
    """Tell whether a stretch of the number, either way round, is most of it."""
    stretches = (
        way[start : start + _OWN_DIGITS]
        for way in (number, number[::-1])
        for start in range(len(way) - _OWN_DIGITS + 1)
    )
    return any(stretch in password for stretch in stretches)
