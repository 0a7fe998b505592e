"""Which numbers of identity documents can be right: shape and check digit. Whether a document is genuine, the person
who holds it in the hand sees."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric, uscc

from accounts.models import DocumentKind
from kernel.errors import DomainError

# Machine-readable passports have nine characters at most; no country uses fewer than five.
_PASSPORT = re.compile(r"[A-Z0-9]{5,9}", re.ASCII)
_PERMIT = re.compile(r"[HM]\d{8}(?:\d{2})?", re.ASCII)
_RESIDENT = re.compile(r"\d{17}[\dX]", re.ASCII)


class DocumentInvalid(DomainError):
    """No document of this kind has this number."""

    code = "DOCUMENT_INVALID"
    message = _("This cannot be the number of the document.")
    cure = _("Compare it with the document character by character.")
    http_status = 400
    field = "document_number"


def normalised_document(*, kind: str, number: str) -> str:
    """Return a document's number as it is kept: capitals, no blanks or dashes, plain digits.

    The first six digits of a resident card name a region, but of when it was issued: they are not looked up.

    :param kind: a `DocumentKind`.
    :raises DocumentInvalid: it says why.
    """
    if kind not in DocumentKind.values:
        raise DocumentInvalid(_("We do not accept this kind of document."), cure="", field="document_kind")
    compact = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number)).upper()
    _RULES[DocumentKind(kind)](compact)
    return compact


def _require_resident_card(number: str) -> None:
    if not _RESIDENT.fullmatch(number):
        raise DocumentInvalid(_("A resident identity card has 18 characters: digits, of which the last may be an X."))
    try:
        born = date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    except ValueError:
        born = None
    if born is None or born.year < 1900:
        raise DocumentInvalid(_("The day of birth in this number does not exist."))
    if ric.calc_check_digit(number) != number[-1]:
        raise DocumentInvalid(_("The check digit of this number is wrong: a digit was mistaken."))


def _require_passport(number: str) -> None:
    if not _PASSPORT.fullmatch(number) or not any(character.isdigit() for character in number):
        raise DocumentInvalid(_("A passport number has five to nine letters and digits."))


def _require_permit(number: str) -> None:
    if not _PERMIT.fullmatch(number):
        raise DocumentInvalid(_("The number of this permit is an H or M with eight digits, or ten."))


def _require_licence(number: str) -> None:
    if len(number) != 18 or not number.isascii():
        raise DocumentInvalid(_("A business licence carries a unified social credit code of 18 characters."))
    if not uscc.is_valid(number):
        raise DocumentInvalid(_("The check character of this code is wrong: a character was mistaken."))


_RULES: dict[DocumentKind, Callable[[str], None]] = {
    DocumentKind.RESIDENT_CARD: _require_resident_card,
    DocumentKind.PASSPORT: _require_passport,
    DocumentKind.HK_MACAO_PERMIT: _require_permit,
    DocumentKind.BUSINESS_LICENCE: _require_licence,
}
