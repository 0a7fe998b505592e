"""The shape of a text, and how instants are written in one. Each app keeps its own texts in `texts.py` or `…_texts.py`.

What stands there are the defaults: staff may word a text otherwise (`messaging.operations.word_texts`).
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from kernel.clock import SHANGHAI
from kernel.errors import Text
from messaging.models import TextGroup

CHINESE, ENGLISH = "zh-hans", "en"
LANGUAGES = (CHINESE, ENGLISH)


@dataclass(frozen=True, slots=True)
class SmsTemplate:
    """One kind of text in both languages, with `str.format` placeholders.

    :param kind: UPPER_CASE name that is stored with each text, at most 40 characters.
    :param lifetime: how long after it is due the text is still worth sending.
    :param urgent: True leaves at once, False waits for the end of the quiet hours.
    :param secret: the text carries a code: sent at most once by itself, not kept afterwards.
    :param name: what staff call it.
    :param variant: tells apart texts of one kind that say different things; UPPER_CASE, empty for the plain one.
    :param group: whether customers may switch it off, and with what.
    :param proof: its exact words prove what a customer agreed to, so they are kept with it.
    """

    kind: str
    zh: str
    en: str
    lifetime: timedelta
    urgent: bool
    secret: bool = False
    name: Text = ""
    variant: str = ""
    group: TextGroup = TextGroup.REQUIRED
    proof: bool = False

    @property
    def heeds_wishes(self) -> bool:
        """Whether what the customer wants can keep it back, or until the morning."""
        return self.group is not TextGroup.REQUIRED or not self.urgent

    @property
    def key(self) -> str:
        """Names these words among all: "TOP_UP_RECEIVED", "TOP_UP_RECEIVED.WITH_BONUS"."""
        return f"{self.kind}.{self.variant}" if self.variant else self.kind

    def default(self, language: str) -> str:
        """Return the words as the app has them, with their placeholders."""
        return self.en if language == ENGLISH else self.zh

    def placeholders(self, language: str) -> frozenset[str]:
        """Return the names of the placeholders in a language's words."""
        return placeholders_of(self.default(language))

    def render(self, language: str, values: Mapping[str, object]) -> str:
        """Return the words in a language, without the signature.

        :param language: "en", anything else is Chinese.
        :raises KeyError: a placeholder has no value.
        """
        return self.default(language).format_map(values)


def placeholders_of(words: str) -> frozenset[str]:
    """Return the names in braces; each stands as it is, without the dots, brackets and colons that Python allows.

    :raises ValueError: a brace has no partner, or there is no plain name in a pair of them.
    """
    names = set()
    for _before, name, form, conversion in string.Formatter().parse(words):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(f"{{{name}}} is no plain name")
        names.add(name)
    return frozenset(names)


def signed(language: str, words: str) -> str:
    """Put the operator's signature before a text: 【和风通信】… or [Hefeng Telecom] …"""
    if language == ENGLISH:
        return f"[{settings.OPERATOR_NAME_EN}] {words}"
    return f"【{settings.OPERATOR_NAME}】{words}"


def instant_words(language: str, instant: datetime) -> str:
    """Return an instant to the minute as texts write it: "3月26日8时32分", "26 Mar 08:32"."""
    local = instant.astimezone(SHANGHAI)
    if language == ENGLISH:
        return f"{local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"
    return f"{local.month}月{local.day}日{local.hour}时{local:%M}分"


def day_words(language: str, instant: datetime) -> str:
    """Return the day of an instant: "3月26日", "26 Mar"."""
    local = instant.astimezone(SHANGHAI)
    return f"{local.day} {_MONTHS[local.month - 1]}" if language == ENGLISH else f"{local.month}月{local.day}日"


def end_words(language: str, ends_at: datetime) -> str:
    """Return the end of a half-open period as texts write it: "11月30日24时" for the midnight after that day."""
    local = ends_at.astimezone(SHANGHAI)
    if (local.hour, local.minute) != (0, 0):
        return instant_words(language, ends_at)
    last_day = day_words(language, ends_at - timedelta(microseconds=1))
    return f"{last_day} 24:00" if language == ENGLISH else f"{last_day}24时"


def month_words(language: str, first_date: date) -> str:
    """Return the month of a date: "2026年3月", "Mar 2026"."""
    if language == ENGLISH:
        return f"{_MONTHS[first_date.month - 1]} {first_date.year}"
    return f"{first_date.year}年{first_date.month}月"


# Not strftime("%b"): that follows the machine's locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
