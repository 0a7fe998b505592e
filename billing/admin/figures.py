"""Figures of money that came in."""

from django.utils.translation import gettext_lazy as _

from billing.queries.top_up_counts import count_top_ups_by_provider
from kernel.desk_figures import Figure, FigureRow, Period
from kernel.read_only_admin import yuan_words


def top_ups_by_way(period: Period) -> Figure | None:
    """Top-ups credited in the period, by the way they were paid."""
    if not period.may("billing.view_topup"):
        return None
    return Figure(
        name="top-ups-by-way",
        title=_("Top-ups by way of paying"),
        columns=(_("paid through"), _("top-ups"), _("amount")),
        rows=[
            FigureRow(provider, count, yuan_words(amount_fen))
            for provider, count, amount_fen in count_top_ups_by_provider(period.starts_at, period.ends_at)
        ],
    )
