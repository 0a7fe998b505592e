"""Terms as a page shows them, in the language of the page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import get_language

from kernel.clock import SHANGHAI, month_of
from packages_app.models import Recurrence
from packages_app.queries.terms import Terms, get_name
from packages_app.web.allowance_words import allowance_words


@dataclass(frozen=True, slots=True)
class Deal:
    """What an offering, an order or a subscription is about.

    :ivar cycle: MONTHLY or ONCE, as the price component asks for it.
    :ivar gives: the allowances as ready texts.
    """

    name: str
    summary: str
    provider_name: str
    price_fen: int
    cycle: str
    gives: list[str]

    @property
    def recurs(self) -> bool:
        return self.cycle == Recurrence.MONTHLY


def deal_of(terms: dict[str, Any] | Terms) -> Deal:
    """Return terms in the language of the page."""
    language = get_language() or ""
    return Deal(
        name=get_name(terms, language),
        summary=str(terms["summary_en"] if language == "en" else terms["summary_zh"]),
        provider_name=str(terms["provider_name"]),
        price_fen=int(terms["price_fen"]),
        cycle=str(terms["recurrence"]),
        gives=[allowance_words(included) for included in terms["allowances"]],
    )


def last_day(ends_at: datetime) -> date:
    """Return the last day of a half-open period, in Asia/Shanghai."""
    return (ends_at - timedelta(microseconds=1)).astimezone(SHANGHAI).date()


def last_day_of_month(now: datetime) -> date:
    """Return the last day of the calendar month of `now`."""
    return last_day(month_of(now).ends_at)
