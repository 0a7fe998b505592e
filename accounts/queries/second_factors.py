"""Reads whether staff have a second factor."""

from accounts.models import SecondFactor, StaffRecoveryCode, StaffUser


def get_second_factor(staff: StaffUser) -> SecondFactor | None:
    """Return the authenticator app of a member of staff, if one is set up."""
    found: SecondFactor | None = SecondFactor.objects.filter(user=staff, confirmed=True).order_by("id").first()
    return found


def count_recovery_codes(staff: StaffUser) -> int:
    """Return how many recovery codes are left to somebody."""
    return StaffRecoveryCode.objects.filter(staff=staff, used_at=None).count()
