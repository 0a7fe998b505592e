"""What the page of a line says of the channels its customer uses."""

from django.utils.translation import gettext_lazy as _

from channels.models import Interaction
from channels.queries.interactions import list_interactions_of_account
from kernel.line_desk import LineSection, LineVisit, short_instant


def interactions(visit: LineVisit) -> LineSection | None:
    """The latest uses of the hall, whatever the channel."""
    if not visit.may("channels.view_interaction"):
        return None
    found = list_interactions_of_account(visit.account_id, LineVisit.SHOWN)
    return LineSection(
        name="interactions",
        title=_("Uses of the hall"),
        columns=(_("at"), _("channel"), _("capability"), _("outcome")),
        rows=[
            (visit.link(row, short_instant(row.at)), row.get_channel_display(), row.capability, row.outcome)
            for row in found
        ],
        list_url=visit.list_of(Interaction),
    )
