"""Reads who works for the operator."""

from collections.abc import Collection

from accounts.models import StaffUser


def list_staff_names(staff_ids: Collection[int]) -> dict[int, str]:
    """Return the user names of members of staff by their ids."""
    return dict(StaffUser.objects.filter(id__in=staff_ids).values_list("id", "username"))
