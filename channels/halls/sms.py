"""The hall of texts to the service number: keywords, yes to an order, numbers of the last list; else the menu."""

import re
import unicodedata

from django.conf import settings

from channels.halls.wish import Wish
from kernel.channel import Channel
from messaging.models import Inbound

CHANNEL = Channel.SMS

# What customers of the trade know by heart; CX stands for 查询.
KEYWORDS = {
    "CXYE": "balance",
    "CXLL": "allowance",
    "0000": "what_i_have",
    "10086": "menu",
}
_NUMBERS = re.compile(r"\d{1,3}(?:(?: ?[,、;] ?| )\d{1,3})*[,、;]?")


def read(inbound: Inbound) -> Wish:
    """Find out what a text asks for. Case, full-width signs, spaces and a full stop at the end make no difference."""
    words = unicodedata.normalize("NFKC", " ".join(inbound.body.split())).upper().rstrip("。.!")
    compact = words.replace(" ", "")
    if compact in KEYWORDS:
        return Wish(KEYWORDS[compact])
    # The list of waiting orders shows `是 4821（…）`; whoever sends the whole line back means the same.
    yes = re.fullmatch(rf"(?:{_yes_words()})(\d*)(?:\(.*)?", compact)
    if yes:
        return Wish("confirm_order", {"code": yes[1], "reply": inbound.body})
    if _NUMBERS.fullmatch(words):
        return Wish("cancel_by_number", {"numbers": [int(number) for number in re.findall(r"\d+", words)]})
    return Wish("menu")


def _yes_words() -> str:
    forms = (unicodedata.normalize("NFKC", word).upper() for word in settings.CONFIRMATION_WORDS)
    return "|".join(re.escape(form) for form in forms)
