"""Counts what waits for staff: for the first page of their desk."""

from dataclasses import dataclass

from billing.models import Adjustment, AdjustmentState, OneOffFee, OneOffFeeState, Refund, RefundState


@dataclass(frozen=True, slots=True)
class ToCheck:
    """How many proposals wait for a second person."""

    adjustments: int
    one_off_fees: int
    refunds: int


def count_to_check(staff_id: int) -> ToCheck:
    """Count what others than this member of staff proposed and nobody has decided on."""
    adjustments = Adjustment.objects.filter(state=AdjustmentState.PROPOSED)
    fees = OneOffFee.objects.filter(state=OneOffFeeState.PROPOSED)
    refunds = Refund.objects.filter(state=RefundState.REQUESTED)
    return ToCheck(
        adjustments.exclude(proposed_by=staff_id).count(),
        fees.exclude(proposed_by=staff_id).count(),
        refunds.exclude(requested_by=staff_id).count(),
    )
