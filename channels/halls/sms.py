"""The hall of texts to the service number: keywords, yes to an order, a recharge card, numbers of the last list; else
the menu."""

import re
import unicodedata
from dataclasses import replace

from django.conf import settings

from channels.halls.wish import Wish
from kernel.channel import Channel
from kernel.masking import mask_long_digits
from messaging.models import Inbound

CHANNEL = Channel.SMS

# What customers of the trade know by heart; CX stands for 查询, JCFD for 解除封顶.
KEYWORDS = {
    "CXYE": "balance",
    "CXLL": "allowance",
    "CXJF": "points",
    "CXXJ": "star",
    "CXXZ": "port_out",
    "CXTJ": "barring",
    "停复机": "barring",
    "JCFD": "lift_cap",
    "0000": "what_i_have",
    "10086": "menu",
}
# Stopping and restoring: the word with what it asks for.
BARRING = {"复机": "restore", "FJ": "restore", "挂失": "lost", "GS": "lost"}
# CZ stands for 充值: CZ#PIN for one's own number, CZ#PIN#number for another.
_RECHARGE = re.compile(r"CZ#([^#]*)#?(.*)")
HIDDEN = "****"
_NUMBERS = re.compile(r"\d{1,3}(?:(?: ?[,、;] ?| )\d{1,3})*[,、;]?")


def read(inbound: Inbound) -> Wish:
    """Find out what a text asks for. Case, full-width signs, spaces and a full stop at the end make no difference.

    Whatever it asks for: what may be the PIN of a recharge card is not kept.
    """
    wish = _read(inbound.body)
    masked = mask_long_digits(inbound.body)
    # A long list of short numbers is no PIN.
    is_list = wish.capability == "cancel_by_number" and max(wish.arguments["numbers"]) < 100
    return wish if wish.keep or is_list or masked == inbound.body else replace(wish, keep=masked)


def _read(body: str) -> Wish:
    words = unicodedata.normalize("NFKC", " ".join(body.split())).upper().rstrip("。.!")
    compact = words.replace(" ", "")
    if compact in KEYWORDS:
        return Wish(KEYWORDS[compact])
    if compact in BARRING:
        return Wish("barring", {BARRING[compact]: True})
    # The list of waiting orders shows `是 4821（…）`; whoever sends the whole line back means the same.
    yes = re.fullmatch(rf"(?:{_yes_words()})(\d*)(?:\(.*)?", compact)
    if yes:
        return Wish("confirm_order", {"code": yes[1], "reply": body})
    recharge = _RECHARGE.fullmatch(compact)
    if recharge:
        pin, number = recharge.groups()
        keep = f"CZ#{HIDDEN}#{mask_long_digits(number)}" if number else f"CZ#{HIDDEN}"
        return Wish("recharge_card", {"pin": pin, "number": number}, keep=keep)
    if _NUMBERS.fullmatch(words):
        return Wish("cancel_by_number", {"numbers": [int(number) for number in re.findall(r"\d+", words)]})
    return Wish("menu")


def _yes_words() -> str:
    words = (*settings.CONFIRMATION_WORDS, *settings.CONFIRMATION_WORDS_EN)
    forms = (unicodedata.normalize("NFKC", word).upper() for word in words)
    return "|".join(re.escape(form) for form in forms)
