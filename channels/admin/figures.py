"""Figures of channels: where customers use the hall."""

from django.utils.translation import gettext_lazy as _

from channels.queries.interactions import count_interactions_by_channel
from kernel.channel import Channel
from kernel.desk_figures import Figure, FigureRow, Period, share_text


def uses_by_channel(period: Period) -> Figure | None:
    """Uses of the hall in the period by channel, with the share of each."""
    if not period.may("channels.view_interaction"):
        return None
    counts = count_interactions_by_channel(period.starts_at, period.ends_at)
    sums = {channel: sum(days.values()) for channel, days in counts.items()}
    whole = sum(sums.values())
    return Figure(
        name="uses-by-channel",
        title=_("Uses of the hall by channel"),
        columns=(_("channel"), _("uses"), _("share")),
        rows=[
            FigureRow(Channel(channel).label, sums[channel], share_text(sums[channel], whole), days)
            for channel, days in counts.items()
        ],
    )
