"""Figures of texts: how far they are, and what they are for."""

from django.utils.translation import gettext_lazy as _

from kernel.desk_figures import Figure, FigureRow, Period
from messaging.queries.templates import get_kind_names
from messaging.queries.texts import count_texts_by_kind, count_texts_by_state

_KINDS = 15


def texts_by_state(period: Period) -> Figure | None:
    """Texts queued in the period, by what became of them."""
    if not period.may("messaging.view_sms"):
        return None
    counts = count_texts_by_state(period.starts_at)
    return Figure(
        name="texts-by-state",
        title=_("Texts by state"),
        columns=(_("state"), _("texts"), _("parts")),
        rows=[FigureRow(count.state.label, count.texts, str(count.parts)) for count in counts],
    )


def texts_by_kind(period: Period) -> Figure | None:
    """Texts queued in the period, by kind, reminders among them; the most frequent first."""
    if not period.may("messaging.view_sms"):
        return None
    names = get_kind_names()
    return Figure(
        name="texts-by-kind",
        title=_("Texts and reminders by kind"),
        columns=(_("kind"), _("texts")),
        rows=[
            FigureRow(names.get(kind, kind), count) for kind, count in count_texts_by_kind(period.starts_at)[:_KINDS]
        ],
    )
