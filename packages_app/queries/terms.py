"""The terms of an offering as plain data: what is offered, kept with the order, and sold with the subscription."""

from typing import Any, TypedDict

from packages_app.models import Offering


class Terms(TypedDict):
    """What a customer is offered, in both languages; amounts of `allowances` are bytes, seconds or messages a cycle."""

    name_zh: str
    name_en: str
    summary_zh: str
    summary_en: str
    price_fen: int
    recurrence: str
    head: str
    provider_name: str
    allowances: dict[str, int]


# What a customer agrees to. A corrected name or summary is still the same deal.
_BINDING = ("price_fen", "recurrence", "provider_name", "allowances")


def get_terms(offering: Offering) -> Terms:
    """Return the terms on which an offering is sold now.

    :param offering: with `allowances` prefetched, as the catalogue's queries return it, or they are read.
    """
    return Terms(
        name_zh=offering.name_zh,
        name_en=offering.name_en,
        summary_zh=offering.summary_zh,
        summary_en=offering.summary_en,
        price_fen=offering.price_fen,
        recurrence=offering.recurrence,
        head=offering.head,
        provider_name=offering.provider_name,
        allowances={allowance.usage_kind: allowance.amount for allowance in offering.allowances.all()},
    )


def is_same_deal(agreed: dict[str, Any], offered: Terms) -> bool:
    """Tell whether kept terms still bind to what is offered: price, recurrence, provider and contents are unchanged."""
    return all(agreed[name] == offered[name] for name in _BINDING)  # type: ignore[literal-required]


def get_name(terms: dict[str, Any] | Terms, language: str) -> str:
    """Return the name of what was sold, in "zh-hans" or "en"."""
    return str(terms["name_en"] if language == "en" else terms["name_zh"])
