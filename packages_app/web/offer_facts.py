"""Everything that binds in an offer, in words: for its page, and side by side for a comparison."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kernel.money import yuan_text
from kernel.regions import region_name
from packages_app.models import FirstMonthRule, LinkKind, Offering, OfferingKind, OfferingLink, Recurrence, UsageKind
from packages_app.queries.terms import get_terms
from packages_app.web.allowance_words import allowance_words, unit_price_words
from packages_app.web.deals import last_day


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the page: what is asked, and the answer in one or more lines."""

    label: str
    lines: Sequence[str]


def list_facts(offering: Offering, ties: Sequence[OfferingLink]) -> list[Fact]:
    """Return what binds in an offer, in the order in which a person would ask.

    :param offering: with `allowances` and `unit_prices`.
    :param ties: those that touch it; others are passed over.
    """
    found = [*_money(offering), *_contents(offering), *_duration(offering), *_conditions(offering, ties)]
    return [fact for fact in found if fact.lines]


def compared(offerings: Sequence[Offering], ties: Sequence[OfferingLink]) -> list[tuple[str, list[Sequence[str]]]]:
    """Return the facts of several offers by label, one cell for each offer; an empty cell where it has none."""
    by_offer = [{fact.label: fact.lines for fact in list_facts(offering, ties)} for offering in offerings]
    longest = max(by_offer, key=len, default={})
    labels = list(dict.fromkeys([*longest, *(label for facts in by_offer for label in facts)]))
    return [(label, [facts.get(label, ()) for facts in by_offer]) for label in labels]


def _money(offering: Offering) -> Iterator[Fact]:
    recurs = offering.recurrence == Recurrence.MONTHLY
    price = {"price": _short(offering.price_fen)}
    yield Fact(_("Price"), [_("%(price)s yuan a month") % price if recurs else _("%(price)s yuan, once") % price])
    if recurs:
        yield Fact(_("First month"), [_first_month(offering)])
    if offering.one_off_fen:
        fee = {"price": _short(offering.one_off_fen)}
        yield Fact(_("Fee at the start"), [_("%(price)s yuan, once, on top of the first price") % fee])
    if offering.provider_name:
        yield Fact(_("Collected for"), [offering.provider_name])


def _first_month(offering: Offering) -> str:
    if offering.first_month == FirstMonthRule.BY_DAYS:
        return _("price and contents by the days that are left")
    if offering.first_month == FirstMonthRule.HALF:
        return _("half the price and contents from the 16th, else the whole")
    return _("the whole price and contents")


def _contents(offering: Offering) -> Iterator[Fact]:
    terms = get_terms(offering)
    labels = {
        UsageKind.DATA.value: _("Data included"),
        UsageKind.VOICE.value: _("Calls included"),
        UsageKind.SMS.value: _("Texts included"),
    }
    for kind, label in labels.items():
        yield Fact(label, [allowance_words(part) for part in terms["allowances"] if part["usage_kind"] == kind])
    if offering.carries_over:
        yield Fact(
            _("What is left"), [_("general data lasts one month more and is spent first; the rest ends with the month")]
        )
    prices = [unit_price_words(price) for price in terms["unit_prices"]]
    yield Fact(_("Beyond it"), prices)
    if prices:
        cap = {"cap": _short(settings.USAGE_CAP_FEN if offering.cap_fen is None else offering.cap_fen)}
        yield Fact(_("Cap"), [_("at %(cap)s yuan a month such use stops, until you lift the stop") % cap])


def _duration(offering: Offering) -> Iterator[Fact]:
    if offering.points_price:
        yield Fact(_("Price in points"), [str(offering.points_price)])
    if offering.recurrence == Recurrence.ONCE:
        yield Fact(_("Valid"), [_validity(offering.validity_days)])
        yield Fact(_("How to leave"), [_("ends by itself; nothing is charged again")])
        return
    yield Fact(_("Valid"), [_("until you leave it")])
    months = offering.commitment_months
    if months:
        binds = ngettext("%(count)d month from the start", "%(count)d months from the start", months)
        yield Fact(_("Binds you for"), [binds % {"count": months}])
    yield Fact(_("How to leave"), [_way_out(offering)])


def _validity(days: int | None) -> str:
    if days is None:
        return _("to the end of the month in which you confirm")
    words = ngettext(
        "%(count)d day of 24 hours from your confirmation", "%(count)d days of 24 hours from your confirmation", days
    )
    return words % {"count": days}


def _way_out(offering: Offering) -> str:
    if offering.kind == OfferingKind.PLAN:
        return _("by choosing another plan: a number needs one")
    if offering.commitment_months:
        return _("after that time, under My services or by text; the month that is paid stays yours")
    return _("at any time under My services, or by text; the month that is paid stays yours")


def _conditions(offering: Offering, ties: Sequence[OfferingLink]) -> Iterator[Fact]:
    needed = [tie.other for tie in ties if tie.kind == LinkKind.REQUIRES and tie.offering_id == offering.code]
    plans = [other for other in needed if other.kind == OfferingKind.PLAN]
    lines = [_name(other) for other in needed if other.kind != OfferingKind.PLAN]
    if plans:
        names = _joined(plans)
        lines.append(_("one of these plans: %(names)s") % {"names": names} if len(plans) > 1 else names)
    yield Fact(_("Needs"), lines)
    sides = [(tie.offering, tie.other) for tie in ties if tie.kind == LinkKind.EXCLUDES]
    shut_out = [
        second if first.code == offering.code else first
        for first, second in sides
        if offering.code in (first.code, second.code)
    ]
    yield Fact(_("Cannot be had with"), [_name(other) for other in shut_out])
    star = offering.minimum_star
    if star:
        whom = ngettext("customers of %(count)d star or more", "customers of %(count)d stars or more", star)
        yield Fact(_("For whom"), [whom % {"count": star}])
    yield Fact(_("Where it is sold"), [region_name(code) for code in offering.provinces])
    if offering.on_sale_to is not None:
        yield Fact(_("On sale until"), [date_format(last_day(offering.on_sale_to))])


def _short(amount_fen: int) -> str:
    return yuan_text(amount_fen).removesuffix(".00")


def _name(offering: Offering) -> str:
    return offering.name_in(get_language() or "")


def _joined(offerings: Sequence[Offering]) -> str:
    return ("、" if (get_language() or "").startswith("zh") else ", ").join(_name(offering) for offering in offerings)
