"""Figures of orders."""

from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.desk_figures import Figure, FigureRow, Period, share_text
from packages_app.models import OrderState
from packages_app.queries.orders import count_orders, count_waiting_orders_by_channel

# The model's own words speak to the customer.
_STATES = {OrderState.AWAITING_CONFIRMATION: _("waiting for the customer")}


def orders_waiting(period: Period) -> Figure | None:
    """Orders that wait for their customer's yes at the end of the period, by where they were begun."""
    if not period.may("packages_app.view_order"):
        return None
    counts = count_waiting_orders_by_channel(period.ends_at)
    return Figure(
        name="orders-waiting",
        title=_("Orders waiting for their customer"),
        columns=(_("channel"), _("orders")),
        rows=[FigureRow(Channel(channel).label, count) for channel, count in counts],
    )


def orders_by_state(period: Period) -> Figure | None:
    """Orders asked for in the period, by what became of them."""
    if not period.may("packages_app.view_order"):
        return None
    counts = count_orders(period.starts_at, period.ends_at).by_state
    return Figure(
        name="orders-by-state",
        title=_("Orders by what became of them"),
        columns=(_("state"), _("orders")),
        rows=[
            FigureRow(_STATES.get(OrderState(state), OrderState(state).label), sum(days.values()), by_day=days)
            for state, days in counts.items()
        ],
    )


def orders_by_channel(period: Period) -> Figure | None:
    """Orders of the period that were carried out, by channel, with the share of each."""
    if not period.may("packages_app.view_order"):
        return None
    counts = count_orders(period.starts_at, period.ends_at).completed_by_channel
    sums = {channel: sum(days.values()) for channel, days in counts.items()}
    whole = sum(sums.values())
    return Figure(
        name="orders-by-channel",
        title=_("Orders carried out by channel"),
        columns=(_("channel"), _("orders"), _("share")),
        rows=[
            FigureRow(Channel(channel).label, sums[channel], share_text(sums[channel], whole), days)
            for channel, days in counts.items()
        ],
    )
