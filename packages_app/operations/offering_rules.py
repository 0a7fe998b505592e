"""What must hold of an offering, whichever door it comes through."""

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError, Text
from kernel.regions import PROVINCE_CODES, ROAMING_CODES
from packages_app.models import (
    AllowanceScope,
    LinkKind,
    Offering,
    OfferingAllowance,
    OfferingKind,
    OfferingLink,
    OfferingUnitPrice,
    Recurrence,
    UsageKind,
)

_Row = TypeVar("_Row", bound=Hashable)

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}\Z", re.ASCII)
_APP = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z", re.ASCII)
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a sentence for the person, and the field it belongs to."""

    field: str
    message: Text


class OfferingInvalid(DomainError):
    """The offering contradicts itself or the catalogue.

    :ivar faults: all that is wrong.
    """

    code = "OFFERING_INVALID"
    message = _("This offering cannot be kept.")

    def __init__(self, *, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].message, field=faults[0].field)
        self.faults = faults


def list_faults(
    *,
    offering: Offering,
    allowances: Sequence[OfferingAllowance],
    unit_prices: Sequence[OfferingUnitPrice],
    links: Sequence[OfferingLink],
    known_codes: Collection[str],
    needs: Mapping[str, Collection[str]],
) -> list[Fault]:
    """Return all that is wrong with an offering; nothing if it can be kept.

    :param known_codes: of the whole catalogue.
    :param needs: which others each offering needs, by code; what it says of this one is passed over.
    """
    return [
        *_faults_of_sale(offering),
        *_faults_of_money(offering),
        *_faults_of_allowances(offering, allowances),
        *_faults_of_prices(unit_prices),
        *_faults_of_ties(offering.code, links, known_codes, needs),
    ]


def _faults_of_sale(offering: Offering) -> Iterator[Fault]:
    if not _CODE.match(offering.code):
        yield Fault("code", _("A code has letters, digits and hyphens, 40 at most."))
    if offering.on_sale_to is not None and offering.on_sale_to <= offering.on_sale_from:
        yield Fault("on_sale_to", _("The sale must end after it begins."))
    unknown = sorted(set(offering.provinces) - PROVINCE_CODES)
    if unknown:
        yield Fault("provinces", _("Provinces unknown: %(codes)s.") % {"codes": ", ".join(unknown)})
    if not all(1 <= percent <= 100 for percent in offering.thresholds_percent):
        yield Fault("thresholds_percent", _("Write whole percents between 1 and 100, such as 80 100."))


def _faults_of_money(offering: Offering) -> Iterator[Fault]:
    once = offering.recurrence == Recurrence.ONCE
    if once and offering.kind == OfferingKind.PLAN:
        yield Fault("recurrence", _("A plan is charged every month."))
    if not once and offering.validity_days is not None:
        yield Fault("validity_days", _("Only what is paid once is valid for so many days."))
    if once and offering.commitment_months:
        yield Fault("commitment_months", _("Only what recurs can bind for months."))
    if once and offering.carries_over:
        yield Fault("carries_over", _("Only what recurs carries over."))
    if offering.points_price and (offering.price_fen or offering.one_off_fen or not once):
        yield Fault("points_price", _("Only what is had once and costs no money has a price in points."))
    if offering.head == "THIRD_PARTY" and not offering.provider_name:
        yield Fault("provider_name", _("Say for whom the money is collected."))


def _faults_of_allowances(offering: Offering, allowances: Sequence[OfferingAllowance]) -> Iterator[Fault]:
    for allowance in allowances:
        yield from _faults_of_scope(allowance)
    same = [(part.usage_kind, part.scope, part.scope_value, part.is_shared) for part in allowances]
    for part in _repeated(same):
        yield Fault("allowances", _("Twice the same allowance: %(what)s.") % {"what": _words(*part[:3])})
    general_data = any(
        part.usage_kind == UsageKind.DATA and part.scope == AllowanceScope.GENERAL for part in allowances
    )
    if offering.carries_over and not general_data:
        yield Fault("carries_over", _("Only general data carries over, and there is none."))


def _faults_of_scope(allowance: OfferingAllowance) -> Iterator[Fault]:
    value = {"value": allowance.scope_value}
    if allowance.scope == AllowanceScope.APP:
        if allowance.usage_kind != UsageKind.DATA:
            yield Fault("allowances", _("Only data can be for one application."))
        if not _APP.match(allowance.scope_value):
            yield Fault("allowances", _("%(value)s is not the code of an application, such as video.") % value)
    elif allowance.scope == AllowanceScope.REGION:
        if allowance.scope_value not in PROVINCE_CODES | ROAMING_CODES:
            yield Fault("allowances", _("%(value)s is not a region, such as CN-GD or HK.") % value)
    elif allowance.scope == AllowanceScope.TIME:
        begins, _dash, ends = allowance.scope_value.partition("-")
        if not _HOURS.match(allowance.scope_value) or begins == ends:
            yield Fault("allowances", _("%(value)s is not a time of day, such as 23:00-07:00.") % value)


def _faults_of_prices(unit_prices: Sequence[OfferingUnitPrice]) -> Iterator[Fault]:
    for region in sorted({price.region for price in unit_prices} - {""} - ROAMING_CODES):
        yield Fault("unit_prices", _("%(value)s is not a place to roam in, such as HK.") % {"value": region})
    for part in _repeated((price.usage_kind, price.region) for price in unit_prices):
        yield Fault("unit_prices", _("Twice a price for the same: %(what)s.") % {"what": _words(*part)})


def _faults_of_ties(
    code: str, links: Sequence[OfferingLink], known_codes: Collection[str], needs: Mapping[str, Collection[str]]
) -> Iterator[Fault]:
    fields = {LinkKind.REQUIRES.value: "requires", LinkKind.EXCLUDES.value: "excludes"}
    for link in links:
        if link.other_id == code:
            yield Fault(fields[link.kind], _("An offering cannot name itself."))
        elif link.other_id not in known_codes:
            yield Fault(fields[link.kind], _("No offering has the code %(code)s.") % {"code": link.other_id})
    for other in _repeated(link.other_id for link in links):
        yield Fault("excludes", _("%(code)s is named twice.") % {"code": other})
    needed = {link.other_id for link in links if link.kind == LinkKind.REQUIRES} - {code}
    for other in sorted(needed):
        if code in _all_needed_by(other, needs):
            words = {"code": other}
            yield Fault("requires", _("%(code)s needs this one already: two cannot wait for each other.") % words)


def _all_needed_by(code: str, needs: Mapping[str, Collection[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [code]
    while ahead:
        fresh = set(needs.get(ahead.pop(), ())) - found
        found |= fresh
        ahead.extend(fresh)
    return found


def _repeated(rows: Iterable[_Row]) -> list[_Row]:
    return [row for row, count in Counter(rows).items() if count > 1]


def _words(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part)
