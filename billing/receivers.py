"""Door for notices: whoever has paid all is restored at once. A lost notice is found by the sweeper."""

import uuid

from django.dispatch import receiver

from billing.events import account_settled
from billing.operations.restore_paid import restore_paid
from kernel.clock import now


@receiver(account_settled)
def restore_at_once(account_id: uuid.UUID, **_future: object) -> None:
    """Lift what barred the account's lines for arrears. The payment stands, whatever becomes of this."""
    restore_paid(account_id=account_id, now=now())
