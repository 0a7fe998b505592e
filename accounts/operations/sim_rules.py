"""Which numbers of SIM cards and PUKs can be right."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _
from stdnum import luhn

from kernel.errors import DomainError

# 89 is telecommunication (ITU-T E.118); the last digit is the check digit.
_ICCID = re.compile(r"89\d{17,18}", re.ASCII)
_PUK = re.compile(r"\d{8}", re.ASCII)


class SimInvalid(DomainError):
    """No SIM card has this number, or no card this PUK."""

    code = "SIM_INVALID"
    message = _("This cannot be the number of a SIM card.")
    cure = _("Enter all 19 or 20 digits that are printed on the card.")
    http_status = 400
    field = "iccid"


def normalised_iccid(*, iccid: str) -> str:
    """Return the number of a card as it is kept: digits alone.

    :raises SimInvalid: too short, too long, of something else than a SIM card, or its check digit is wrong.
    """
    compact = _compact(iccid)
    if not _ICCID.fullmatch(compact):
        raise SimInvalid
    if not luhn.is_valid(compact):
        raise SimInvalid(_("The check digit of this card number is wrong: a digit was mistaken."))
    return compact


def normalised_puk(*, puk: str) -> str:
    """Return a PUK as it is kept: eight digits.

    :raises SimInvalid: it has not eight digits.
    """
    compact = _compact(puk)
    if not _PUK.fullmatch(compact):
        raise SimInvalid(_("A PUK has 8 digits."), cure=_("It is printed beside the card."), field="puk")
    return compact


def _compact(text: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
