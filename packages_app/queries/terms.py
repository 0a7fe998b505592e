"""The terms of an offering as plain data: what is offered, kept with the order, and sold with the subscription."""

from collections.abc import Mapping
from typing import Any, TypedDict

from packages_app.models import Offering


class AllowanceTerms(TypedDict):
    """One allowance a cycle: `amount` in bytes, seconds or messages, for what `scope` and `scope_value` say."""

    number: int
    usage_kind: str
    amount: int
    scope: str
    scope_value: str
    is_shared: bool


class UnitPriceTerms(TypedDict):
    """The price beyond the allowances: `price_li` thousandths of a yuan for each `per_amount`; region "" is home."""

    usage_kind: str
    region: str
    price_li: int
    per_amount: int


class Terms(TypedDict):
    """What a customer is offered, in both languages; the fields mean what they mean in `Offering`."""

    version: int
    name_zh: str
    name_en: str
    summary_zh: str
    summary_en: str
    price_fen: int
    one_off_fen: int
    points_price: int
    recurrence: str
    first_month: str
    validity_days: int | None
    commitment_months: int
    head: str
    provider_name: str
    carries_over: bool
    cap_fen: int | None
    thresholds_percent: list[int]
    allowances: list[AllowanceTerms]
    unit_prices: list[UnitPriceTerms]


# What a customer agrees to. A corrected name or summary, or other reminders, are still the same deal.
_BINDING = (
    *("price_fen", "one_off_fen", "recurrence", "first_month", "validity_days", "commitment_months"),
    *("provider_name", "carries_over", "cap_fen", "allowances", "unit_prices"),
)


def get_terms(offering: Offering) -> Terms:
    """Return the terms on which an offering is sold now.

    :param offering: with `allowances` and `unit_prices` prefetched, as the catalogue's queries return it, or they are
        read.
    """
    return Terms(
        version=offering.version,
        name_zh=offering.name_zh,
        name_en=offering.name_en,
        summary_zh=offering.summary_zh,
        summary_en=offering.summary_en,
        price_fen=offering.price_fen,
        one_off_fen=offering.one_off_fen,
        points_price=offering.points_price,
        recurrence=offering.recurrence,
        first_month=offering.first_month,
        validity_days=offering.validity_days,
        commitment_months=offering.commitment_months,
        head=offering.head,
        provider_name=offering.provider_name,
        carries_over=offering.carries_over,
        cap_fen=offering.cap_fen,
        thresholds_percent=sorted(offering.thresholds_percent),
        allowances=[
            AllowanceTerms(
                number=allowance.number,
                usage_kind=allowance.usage_kind,
                amount=allowance.amount,
                scope=allowance.scope,
                scope_value=allowance.scope_value,
                is_shared=allowance.is_shared,
            )
            for allowance in offering.allowances.all()
        ],
        unit_prices=[
            UnitPriceTerms(
                usage_kind=price.usage_kind,
                region=price.region,
                price_li=price.price_li,
                per_amount=price.per_amount,
            )
            for price in offering.unit_prices.all()
        ],
    )


def is_same_deal(agreed: dict[str, Any] | Terms, offered: Terms) -> bool:
    """Tell whether kept terms still bind to what is offered: prices, periods, provider and contents are unchanged."""
    # What was offered before there was a price in points has none.
    if agreed.get("points_price", 0) != offered["points_price"]:
        return False
    return all(agreed[name] == offered[name] for name in _BINDING)  # type: ignore[literal-required]


def get_name(terms: Mapping[str, Any] | Terms, language: str) -> str:
    """Return the name of what was sold, in "zh-hans" or "en"."""
    return str(terms["name_en"] if language == "en" else terms["name_zh"])


def get_summary(terms: Mapping[str, Any] | Terms, language: str) -> str:
    """Return the summary of what was sold, in "zh-hans" or "en"; it may be empty."""
    return str(terms["summary_en"] if language == "en" else terms["summary_zh"])
