"""The shape of a text, and how instants are written in one. Each app keeps its own texts in its `texts.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from kernel.clock import SHANGHAI

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class SmsTemplate:
    """One kind of text in both languages, with `str.format` placeholders.

    :param kind: UPPER_CASE name that is stored with each text, at most 40 characters.
    :param lifetime: how long after it is due the text is still worth sending.
    :param urgent: True leaves at once, False waits for the end of the quiet hours.
    :param secret: the text carries a code: sent at most once by itself, not kept afterwards.
    """

    kind: str
    zh: str
    en: str
    lifetime: timedelta
    urgent: bool
    secret: bool = False

    def render(self, language: str, values: Mapping[str, object]) -> str:
        """Return the words in a language, without the signature.

        :param language: "en", anything else is Chinese.
        :raises KeyError: a placeholder has no value.
        """
        return (self.en if language == ENGLISH else self.zh).format_map(values)


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


def month_words(language: str, first_date: date) -> str:
    """Return the month of a date: "2026年3月", "Mar 2026"."""
    if language == ENGLISH:
        return f"{_MONTHS[first_date.month - 1]} {first_date.year}"
    return f"{first_date.year}年{first_date.month}月"


# Not strftime("%b"): that follows the machine's locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
