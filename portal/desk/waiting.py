"""What waits for the person at the desk, composed of what each app says of it."""

from django.conf import settings
from django.utils.module_loading import import_string

from kernel.desk_waiting import StaffVisit, Waiting


def list_waiting(visit: StaffVisit) -> list[Waiting]:
    """Return what waits for this person, in the order of the settings."""
    return [waiting for name in settings.DESK_WAITING for waiting in import_string(name)(visit)]
