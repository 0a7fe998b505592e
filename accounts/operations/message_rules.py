"""What partners may have the hall tell customers: no codes, no advertising, no links, nothing that asks for a reply."""

import re
import unicodedata
from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError, Text

LONGEST_CONTENT = 300

# Digits that stand alone and may be a code; a year is none.
_MAYBE_CODE = re.compile(r"(?<![\d.])(?!20\d\d(?!\d))\d{4,8}(?![\d.])", re.ASCII)
_LINK = re.compile(r"://|www\.|\.(?:com|cn|net|org|top|xyz|vip|cc|io|me|info|shop|club|link)\b", re.ASCII)


class ContentInvalid(DomainError):
    """There is nothing to say, or too much."""

    code = "CONTENT_INVALID"
    message = _("A message has 1 to 300 characters.")
    http_status = 400
    field = "content"


class ContentNotAllowed(DomainError):
    """Partners do not say this through the hall."""

    code = "CONTENT_NOT_ALLOWED"
    field = "content"

    def __init__(self, message: Text, *, found: str) -> None:
        super().__init__(message, cure=_("Leave this out: %(found)s") % {"found": found})


def checked_content(*, content: str) -> str:
    """Return the words of a message as they are sent: without blanks around them and control characters.

    What is looked for are the words of PARTNER_MESSAGE_CODE_WORDS, …_REPLY_WORDS and …_ADVERTISING_WORDS, however they
    are spaced; it keeps honest partners from mistakes, and is no proof against others: those lose their scope.

    :raises ContentInvalid: nothing is left, or it is too long.
    :raises ContentNotAllowed: it carries a code, asks for a reply, advertises or leads to a page.
    """
    tidy = "".join(
        character if character == "\n" or unicodedata.category(character)[0] != "C" else " " for character in content
    ).strip()
    if not 1 <= len(tidy) <= LONGEST_CONTENT:
        raise ContentInvalid
    folded = unicodedata.normalize("NFKC", tidy).casefold()
    codes = _found(folded, settings.PARTNER_MESSAGE_CODE_WORDS) or _matched(_MAYBE_CODE, folded)
    if codes:
        raise ContentNotAllowed(_("Only the hall itself sends codes, and what may be taken for one."), found=codes)
    reply = _found(folded, settings.PARTNER_MESSAGE_REPLY_WORDS)
    if reply:
        raise ContentNotAllowed(
            _("Replies go to the hall, where they answer orders: no message asks for one."), found=reply
        )
    advertising = _found(folded, settings.PARTNER_MESSAGE_ADVERTISING_WORDS)
    if advertising:
        raise ContentNotAllowed(_("Messages of partners carry no advertising."), found=advertising)
    link = _matched(_LINK, folded)
    if link:
        raise ContentNotAllowed(_("Messages of partners carry no links."), found=link)
    return tidy


def _found(folded: str, words: Iterable[str]) -> str:
    """Return the first of the words that is there: Latin ones between other letters' borders, others however spaced."""
    latin = " ".join(folded.split())
    squeezed = "".join(filter(str.isalnum, folded))
    for word in words:
        if re.search(rf"\b{re.escape(word)}\b", latin, re.ASCII) if word.isascii() else word in squeezed:
            return word
    return ""


def _matched(pattern: re.Pattern[str], folded: str) -> str:
    match = pattern.search(folded)
    return match.group() if match else ""
