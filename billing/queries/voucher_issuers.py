"""Who issues recharge cards, and how long their numbers are (VOUCHER_ISSUERS)."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError

SHORTEST_PIN = 16
# A serial number is the batch in front and the card's place in it behind.
PLACE_DIGITS = 8
_SHORTEST_SERIAL = PLACE_DIGITS + 4
_LONGEST = 32


class IssuerUnknown(DomainError):
    """The settings name no such issuer."""

    code = "VOUCHER_ISSUER_UNKNOWN"
    message = _("There is no such issuer of recharge cards.")
    cure = _("Use one that HALL_VOUCHER_ISSUERS names.")


@dataclass(frozen=True, slots=True)
class VoucherIssuer:
    """An issuer, with how many digits its serial numbers and its PINs have."""

    name: str
    serial_digits: int
    pin_digits: int


def list_voucher_issuers() -> list[VoucherIssuer]:
    """Return the issuers, the usual one first.

    :raises ValueError: the setting is not a list of name:digits:digits, or a PIN would be short enough to guess.
    """
    return [_issuer(text) for text in settings.VOUCHER_ISSUERS]


def get_voucher_issuer(name: str) -> VoucherIssuer:
    """Return an issuer; an empty name means the first.

    :raises IssuerUnknown: there is none of that name.
    """
    for issuer in list_voucher_issuers():
        if name in ("", issuer.name):
            return issuer
    raise IssuerUnknown


def _issuer(text: str) -> VoucherIssuer:
    name, serial_digits, pin_digits = text.split(":")
    issuer = VoucherIssuer(name, int(serial_digits), int(pin_digits))
    if not 1 <= len(name) <= 24:
        raise ValueError(f"{text!r} names no issuer of 1 to 24 characters")
    if not _SHORTEST_SERIAL <= issuer.serial_digits <= _LONGEST:
        raise ValueError(f"{text!r}: a serial number has {_SHORTEST_SERIAL} to {_LONGEST} digits")
    if not SHORTEST_PIN <= issuer.pin_digits <= _LONGEST:
        raise ValueError(f"{text!r}: a PIN has {SHORTEST_PIN} to {_LONGEST} digits")
    return issuer
