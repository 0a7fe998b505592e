"""Figures of orders."""

from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.desk_figures import Figure, FigureRow, Period
from packages_app.queries.orders import count_waiting_orders_by_channel


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
