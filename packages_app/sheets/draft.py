"""An offering with its contents before it is kept, and the same as texts."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime

from kernel.money import yuan_text
from packages_app.models import LinkKind, Offering, OfferingAllowance, OfferingLink, OfferingUnitPrice
from packages_app.sheets.notation import allowances_text, unit_prices_text

YES, NO = "yes", "no"
# The columns of a file and the fields of the form, in the order in which people read them.
COLUMNS = (
    *("code", "kind", "name_zh", "name_en", "summary_zh", "summary_en", "position"),
    *("price", "one_off", "recurrence", "first_month", "validity_days", "commitment_months", "head", "provider_name"),
    *("allowances", "carries_over", "thresholds_percent", "unit_prices", "cap"),
    *("on_sale_from", "on_sale_to", "provinces", "minimum_star", "requires", "excludes"),
    "points_price",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What `keep_offering` takes: nothing of it needs to be saved."""

    offering: Offering
    allowances: Sequence[OfferingAllowance]
    unit_prices: Sequence[OfferingUnitPrice]
    links: Sequence[OfferingLink]


def draft_of(offering: Offering) -> Draft:
    """Return an offering of the catalogue, which is read with `allowances`, `unit_prices` and `links`."""
    return Draft(
        offering, list(offering.allowances.all()), list(offering.unit_prices.all()), list(offering.links.all())
    )


def texts_of(draft: Draft) -> dict[str, str]:
    """Return all of an offering as texts by column; the form and the reader of files take them back."""
    offering = draft.offering
    return {
        "code": offering.code,
        "kind": offering.kind,
        "name_zh": offering.name_zh,
        "name_en": offering.name_en,
        "summary_zh": offering.summary_zh,
        "summary_en": offering.summary_en,
        "position": str(offering.position),
        "price": yuan_text(offering.price_fen),
        "one_off": yuan_text(offering.one_off_fen),
        "recurrence": offering.recurrence,
        "first_month": offering.first_month,
        "validity_days": _number(offering.validity_days),
        "commitment_months": str(offering.commitment_months),
        "head": offering.head,
        "provider_name": offering.provider_name,
        "allowances": allowances_text(draft.allowances),
        "carries_over": YES if offering.carries_over else NO,
        "thresholds_percent": " ".join(str(percent) for percent in sorted(offering.thresholds_percent)),
        "unit_prices": unit_prices_text(draft.unit_prices),
        "cap": "" if offering.cap_fen is None else yuan_text(offering.cap_fen),
        "on_sale_from": _instant(offering.on_sale_from),
        "on_sale_to": _instant(offering.on_sale_to),
        "provinces": " ".join(sorted(offering.provinces)),
        "minimum_star": str(offering.minimum_star),
        "requires": _others(draft.links, LinkKind.REQUIRES),
        "excludes": _others(draft.links, LinkKind.EXCLUDES),
        "points_price": str(offering.points_price),
    }


def fingerprint(texts: Mapping[str, str]) -> str:
    """Return what differs if any of an offering's texts does."""
    return hashlib.sha256("\x1f".join(texts[column] for column in COLUMNS).encode()).hexdigest()


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _instant(at: datetime | None) -> str:
    """To the second, in Asia/Shanghai."""
    return localtime(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _others(links: Iterable[OfferingLink], kind: str) -> str:
    return " ".join(sorted(link.other_id for link in links if link.kind == kind))
