"""Figures of money that came in."""

from collections import Counter
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from billing.admin.ways import way_text
from billing.queries.top_up_counts import CreditedTopUps, count_top_ups
from kernel.channel import Channel
from kernel.day_counts import group_by_day
from kernel.desk_figures import Figure, FigureRow, Period, share_text
from kernel.errors import Text
from kernel.read_only_admin import yuan_words


def top_ups_by_way(period: Period) -> Figure | None:
    """Top-ups credited in the period, by the way they were paid."""
    if not period.may("billing.view_topup"):
        return None
    found = count_top_ups(period.starts_at, period.ends_at)
    return Figure(
        name="top-ups-by-way",
        title=_("Top-ups by way of paying"),
        columns=(_("paid through"), _("top-ups"), _("amount")),
        rows=_rows(found, lambda one: one.provider, way_text, lambda fen, _whole: yuan_words(fen)),
    )


def top_ups_by_channel(period: Period) -> Figure | None:
    """Top-ups credited in the period, by where the customer was, with the share of the money."""
    if not period.may("billing.view_topup"):
        return None
    found = count_top_ups(period.starts_at, period.ends_at)
    return Figure(
        name="top-ups-by-channel",
        title=_("Top-ups by channel"),
        columns=(_("channel"), _("top-ups"), _("share of the money")),
        rows=_rows(found, lambda one: one.channel, lambda channel: Channel(channel).label, share_text),
    )


def _rows(
    found: list[CreditedTopUps],
    key: Callable[[CreditedTopUps], str],
    label: Callable[[str], Text],
    besides: Callable[[int, int], str],
) -> list[FigureRow]:
    amounts: Counter[str] = Counter()
    for one in found:
        amounts[key(one)] += one.amount_fen
    counts = group_by_day((key(one), one.day, one.count) for one in found)
    return [
        FigureRow(label(what), sum(days.values()), besides(amounts[what], amounts.total()), days)
        for what, days in counts.items()
    ]
