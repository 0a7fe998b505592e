"""What the page of a line says of texts."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.line_desk import LineSection, LineVisit, short_instant
from messaging.models import Sms
from messaging.queries.templates import get_kind_names
from messaging.queries.texts import list_texts_of_line


def texts(visit: LineVisit) -> LineSection | None:
    """The latest texts and what became of them; their words stand on their own pages, without codes."""
    if not visit.may("messaging.view_sms"):
        return None
    names = get_kind_names()
    found = list_texts_of_line(visit.account_id, visit.msisdn, LineVisit.SHOWN)
    return LineSection(
        name="texts",
        title=pgettext_lazy("desk", "Texts"),
        columns=(_("queued at"), _("kind"), _("state"), _("sent at")),
        rows=[
            (
                visit.link(sms, short_instant(sms.queued_at)),
                names.get(sms.kind, sms.kind),
                sms.get_state_display(),
                short_instant(sms.sent_at),
            )
            for sms in found
        ],
        list_url=visit.list_of(Sms),
    )
