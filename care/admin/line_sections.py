"""What the page of a line says of enquiries and complaints."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from care.models import Ticket
from care.queries.tickets import list_tickets
from kernel.line_desk import LineSection, LineVisit, short_instant


def tickets(visit: LineVisit) -> LineSection | None:
    """The latest tickets, and the form for a new one."""
    if not visit.may("care.view_ticket"):
        return None
    found = list_tickets(visit.account_id, line_id=visit.line_id, limit=LineVisit.SHOWN)
    may_open = visit.may("care.open_ticket")
    return LineSection(
        name="tickets",
        title=pgettext_lazy("desk", "Complaints and questions"),
        columns=(_("ticket number"), _("kind"), _("state"), _("opened at"), _("solution promised until")),
        rows=[
            (
                visit.link(ticket, ticket.number),
                ticket.get_kind_display(),
                ticket.get_state_display(),
                short_instant(ticket.opened_at),
                short_instant(ticket.solve_due_at if ticket.is_open else None),
            )
            for ticket in found
        ],
        list_url=visit.list_of(Ticket),
        actions=[(_("Open a ticket"), visit.action("care_ticket_open"))] if may_open else [],
    )
