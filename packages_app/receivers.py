"""Door for notices from below: what a closed line had ends with it. A lost notice is found by the sweeper."""

import uuid

from django.dispatch import receiver

from accounts.events import line_closed
from kernel.clock import now
from packages_app.operations.closed_lines import end_services_of_closed_line


@receiver(line_closed)
def end_services(account_id: uuid.UUID, line_id: uuid.UUID, **_future: object) -> None:
    """End the line's services at once. The line stays closed, whatever becomes of this."""
    end_services_of_closed_line(account_id=account_id, line_id=line_id, now=now())
