"""What of customers waits for staff: bars and star tables that somebody else proposed."""

from django.utils.translation import gettext_lazy as _

from accounts.models import BarProposalState, StarTableState
from accounts.queries.desk_work import count_bars_to_check, count_star_tables_to_check
from kernel.desk_waiting import StaffVisit, Waiting, waiting_list


def bars_to_check(visit: StaffVisit) -> list[Waiting]:
    """Proposed bars, and their lifting."""
    if not visit.may("accounts.check_bar"):
        return []
    count = count_bars_to_check(visit.staff_id)
    return waiting_list(_("Bars to check"), count, "accounts_barproposal", BarProposalState.PROPOSED.value)


def star_tables_to_check(visit: StaffVisit) -> list[Waiting]:
    """Proposed star tables."""
    if not visit.may("accounts.check_star_table"):
        return []
    count = count_star_tables_to_check(visit.staff_id)
    return waiting_list(_("Star tables to check"), count, "accounts_startable", StarTableState.PROPOSED.value)
