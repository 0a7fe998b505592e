"""Counts what waits for staff: for the first page of their desk."""

from accounts.models import BarProposal, BarProposalState, StarTable, StarTableState


def count_bars_to_check(staff_id: int) -> int:
    """Count the bars that others than this member of staff proposed and nobody has decided on."""
    return BarProposal.objects.filter(state=BarProposalState.PROPOSED).exclude(proposed_by=staff_id).count()


def count_star_tables_to_check(staff_id: int) -> int:
    """Count the star tables that others than this member of staff proposed and nobody has decided on."""
    return StarTable.objects.filter(state=StarTableState.PROPOSED).exclude(proposed_by=staff_id).count()
