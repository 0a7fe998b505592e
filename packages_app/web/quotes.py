"""A quote as a page shows it: what it costs now and later, what begins and ends, until when, how to leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kernel.clock import SHANGHAI
from kernel.templatetags.hall_format import yuan
from packages_app.models import FirstMonthRule, Recurrence
from packages_app.queries.quotes import parse_instant
from packages_app.queries.terms import get_name
from packages_app.web.allowance_words import allowance_words
from packages_app.web.deals import last_day


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One line of a quote. `notes` stand below in small letters."""

    label: str
    text: str
    notes: tuple[str, ...] = ()
    strong: bool = False


def quote_rows(terms: Mapping[str, Any], quote: Mapping[str, Any], *, is_plan: bool) -> list[QuoteRow]:
    """Return a kept or fresh quote in the language of the page.

    :param quote: `packages_app.queries.quotes.Quote`; empty for an order that was confirmed in another system.
    """
    if not quote:
        return []
    recurs = terms["recurrence"] == Recurrence.MONTHLY
    return [
        *_points(terms),
        QuoteRow(_("Price now"), _yuan_words(quote["price_now_fen"]), tuple(_sum_of(quote)), strong=True),
        QuoteRow(_("Each month after"), _monthly(quote) if recurs else _("nothing")),
        *_included(terms, quote, recurs),
        QuoteRow(_("From"), _starts(quote)),
        QuoteRow(_("Until"), _until(quote, recurs), tuple(_commitment(quote))),
        QuoteRow(_("What ends"), *_ends(quote)),
        QuoteRow(_("How to leave"), _way_out(quote, recurs, is_plan)),
    ]


def _points(terms: Mapping[str, Any]) -> list[QuoteRow]:
    """What it costs in points; nothing of most things, nor of what was ordered before there were any."""
    points = terms.get("points_price")
    return [QuoteRow(_("Points"), str(points), (_("taken with your yes"),), strong=True)] if points else []


def _yuan_words(fen: int) -> str:
    return f"{yuan(fen)} {_('yuan')}"


def _sum_of(quote: Mapping[str, Any]) -> list[str]:
    """Say what the price now is made of, unless it is simply the price."""
    part, whole = quote["share"]
    fee = {"fee": yuan(quote["fee_fen"])}
    notes = []
    if quote["first_month"] == FirstMonthRule.BY_DAYS:
        words = ngettext(
            "%(fee)s yuan for the %(part)d day of %(whole)d that is left of this month",
            "%(fee)s yuan for the %(part)d days of %(whole)d that are left of this month",
            part,
        )
        notes.append(words % {**fee, "part": part, "whole": whole})
    elif part != whole:
        notes.append(_("%(fee)s yuan for half of this month") % fee)
    elif quote["one_off_fen"]:
        notes.append(_("%(fee)s yuan for this month") % fee)
    if quote["one_off_fen"]:
        notes.append(_("%(fee)s yuan paid once, at the start") % {"fee": yuan(quote["one_off_fen"])})
    if quote["credit_fen"]:
        words = _("less %(fee)s yuan, what you paid for the same days of your present plan")
        notes.append(words % {"fee": yuan(quote["credit_fen"])})
    return notes


def _monthly(quote: Mapping[str, Any]) -> str:
    words = {"price": yuan(quote["monthly_fen"]), "day": _day(parse_instant(quote["next_bill_at"]))}
    return _("%(price)s yuan, on the first of the month, first on %(day)s") % words


def _included(terms: Mapping[str, Any], quote: Mapping[str, Any], recurs: bool) -> list[QuoteRow]:
    if not terms["allowances"]:
        return []
    whole = [allowance_words(given) for given in terms["allowances"]]
    if not recurs:
        return [QuoteRow(_("Included"), _list(whole))]
    rows = [QuoteRow(_("Included each month"), _list(whole))]
    part, of = quote["share"]
    if part != of:
        first = [allowance_words(given) for given in quote["allowances_now"]]
        rows.insert(0, QuoteRow(_("Included this month"), _list(first)))
    return rows


def _list(texts: list[str]) -> str:
    return _(", ").join(texts)


def _starts(quote: Mapping[str, Any]) -> str:
    starts_at = parse_instant(quote["starts_at"])
    return _("the moment you confirm") if starts_at is None else _("%(day)s, 0:00") % {"day": _day(starts_at)}


def _until(quote: Mapping[str, Any], recurs: bool) -> str:
    if recurs:
        return _("you cancel")
    if quote["validity_days"]:
        count = quote["validity_days"]
        return ngettext(
            "%(count)d day after you confirm, to the minute", "%(count)d days after you confirm, to the minute", count
        ) % {"count": count}
    ends_at = parse_instant(quote["ends_at"])
    day = {"day": date_format(last_day(ends_at)) if ends_at else ""}
    return _("the end of the month in which you confirm: %(day)s, 24:00, if you do so now") % day


def _commitment(quote: Mapping[str, Any]) -> list[str]:
    bound_until = parse_instant(quote["committed_until"])
    if bound_until is None:
        return []
    return [_("binds you until %(day)s: it cannot be left before") % {"day": _day(bound_until)}]


def _ends(quote: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    replaces = quote["replaces"]
    if replaces is None:
        return _("nothing"), ()
    words = {"name": get_name(replaces, get_language() or ""), "price": yuan(replaces["price_fen"])}
    ended = _("your present plan %(name)s (%(price)s yuan a month), when this one begins") % words
    if quote["starts_at"]:
        return ended, (_("Until then it stays as it is, with all that is included."),)
    return ended, (_("What is left of its allowances ends with it."),)


def _way_out(quote: Mapping[str, Any], recurs: bool, is_plan: bool) -> str:
    if not recurs:
        return _("ends by itself")
    if quote["starts_at"]:
        return _("withdraw it under My services before it begins; after that, change to another plan")
    if is_plan:
        return _("change to another plan at any time")
    if quote["committed_until"]:
        return _("under My services, or by text, from the month before that day")
    return _("at any time under My services, or by text; the month that is paid stays yours")


def _day(instant: datetime | None) -> str:
    return date_format(instant.astimezone(SHANGHAI).date()) if instant else ""
