"""Phone numbers: E.164 inside the house, eleven digits on a page, 3-4-4 where a person reads them."""

import phonenumbers
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError

_REGION = "CN"


class NumberInvalid(DomainError):
    """The text is not a mobile number of the mainland."""

    code = "NUMBER_INVALID"
    message = _("This is not a mobile number.")
    cure = _("Enter the 11 digits of the number, such as 138 0013 8000.")
    http_status = 400
    field = "msisdn"


def parse_msisdn(text: str) -> str:
    """Read a mobile number as people type it (spaces, dashes, +86, 0086 allowed) and return E.164.

    Thirteen-digit Internet-of-Things numbers (1064…, 1440…) have no place in the public numbering data and are taken
    by their own rule.

    :return: e.g. "+8613800138000".
    :raises NumberInvalid: not such a number.
    """
    compact = "".join(character for character in text.strip() if character not in " -\u00a0\u3000")
    if not compact.isascii() or not compact.lstrip("+").isdigit() or len(compact) > 18:
        raise NumberInvalid
    national = compact.removeprefix("+86").removeprefix("0086")
    if len(national) == 13 and national.startswith("86"):
        national = national.removeprefix("86")
    if len(national) == 13 and national.startswith(("1064", "1440", "1410")):
        return f"+86{national}"
    try:
        number = phonenumbers.parse(national, _REGION)
    except phonenumbers.NumberParseException:
        raise NumberInvalid from None
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if not mobile or len(national) != 11 or number.country_code != 86:
        raise NumberInvalid
    return f"+86{national}"


def national_number(msisdn: str) -> str:
    """Return the number without +86: "13800138000"."""
    return msisdn.removeprefix("+86")


def grouped_number(msisdn: str) -> str:
    """Return the number as people read it: "138 0013 8000"; other lengths are returned ungrouped."""
    national = national_number(msisdn)
    return f"{national[:3]} {national[3:7]} {national[7:]}" if len(national) == 11 else national
