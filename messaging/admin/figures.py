"""Figures of texts: how far they are, and what they are for."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from kernel.day_counts import DayCounts
from kernel.desk_figures import Figure, FigureRow, Period
from messaging.models import SmsState
from messaging.queries.templates import get_kind_names, list_reminder_kinds
from messaging.queries.texts import count_texts

_KINDS = 15


def texts_by_state(period: Period) -> Figure | None:
    """Texts queued in the period, by what became of them."""
    if not period.may("messaging.view_sms"):
        return None
    counts = count_texts(period.starts_at, period.ends_at)
    return Figure(
        name="texts-by-state",
        title=_("Texts by state"),
        columns=(_("state"), _("texts"), _("parts")),
        rows=[
            FigureRow(SmsState(state).label, sum(days.values()), str(counts.parts[state]), days)
            for state, days in counts.by_state.items()
        ],
    )


def reminders_by_kind(period: Period) -> Figure | None:
    """Reminders queued in the period, by kind; the most frequent first."""
    if not period.may("messaging.view_sms"):
        return None
    reminders = list_reminder_kinds()
    counts = count_texts(period.starts_at, period.ends_at).by_kind
    return Figure(
        name="reminders-by-kind",
        title=_("Reminders by kind"),
        columns=(_("kind"), _("reminders")),
        rows=_kind_rows(counts, [kind for kind in counts if kind in reminders]),
    )


def texts_by_kind(period: Period) -> Figure | None:
    """All texts queued in the period, by kind; the most frequent first."""
    if not period.may("messaging.view_sms"):
        return None
    counts = count_texts(period.starts_at, period.ends_at).by_kind
    return Figure(
        name="texts-by-kind",
        title=_("Texts by kind"),
        columns=(_("kind"), _("texts")),
        rows=_kind_rows(counts, list(counts)[:_KINDS]),
    )


def _kind_rows(counts: DayCounts, kinds: Collection[str]) -> list[FigureRow]:
    names = get_kind_names()
    return [FigureRow(names.get(kind, kind), sum(counts[kind].values()), by_day=counts[kind]) for kind in kinds]
