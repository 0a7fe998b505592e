"""What waits for staff on the first page of the desk: what an app contributes.

`settings.DESK_WAITING` names functions that take a `StaffVisit` and return what waits for this person; what nobody
waits for, and what this person may not do, is left out. The page itself (`portal.desk`) knows none of them.
"""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from kernel.errors import Text


@dataclass(frozen=True, slots=True)
class StaffVisit:
    """Who looks at the desk, when."""

    request: HttpRequest
    now: datetime

    def may(self, permission: str) -> bool:
        """Tell whether this person has a permission, such as "billing.check_adjustment"."""
        return self.request.user.has_perm(permission)

    @property
    def staff_id(self) -> int:
        return int(self.request.user.pk or 0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many of something, and where they stand."""

    label: Text
    count: int
    address: str


def waiting_list(label: Text, count: int, page: str, state: str = "") -> list[Waiting]:
    """Return what waits on a list of the desk; nothing if nothing waits.

    :param page: names the list, such as "billing_adjustment".
    :param state: shows the rows in this state alone.
    """
    query = f"?{urlencode({'state__exact': state})}" if state else ""
    return [Waiting(label, count, f"{reverse(f'admin:{page}_changelist')}{query}")] if count else []
