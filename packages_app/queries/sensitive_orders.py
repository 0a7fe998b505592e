"""Which orders are sensitive: whoever asks for one online shows the service password beside the order's own code."""

from collections.abc import Iterable

from django.conf import settings

from packages_app.queries.terms import Terms


def is_sensitive(terms: Iterable[Terms]) -> bool:
    """Tell whether an order, of one thing or several, binds for a time or costs ORDER_NEEDS_PASSWORD_FROM_FEN or more.

    What counts is the full price and the fee at the start, whatever share of them the first month costs.
    """
    asked = list(terms)
    price_fen = sum(one["price_fen"] + one["one_off_fen"] for one in asked)
    return price_fen >= settings.ORDER_NEEDS_PASSWORD_FROM_FEN or any(one["commitment_months"] for one in asked)
