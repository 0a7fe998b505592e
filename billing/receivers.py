"""Door for notices: who has paid all is restored at once, who has no number left is not topped up any more. A lost
notice is found by a sweeper."""

import uuid

from django.dispatch import receiver

from accounts.events import line_closed
from billing.events import account_settled
from billing.operations.automatic_top_ups import turn_off_without_line
from billing.operations.restore_paid import restore_paid
from kernel.clock import now


@receiver(account_settled)
def restore_at_once(account_id: uuid.UUID, **_future: object) -> None:
    """Lift what barred the account's lines for arrears. The payment stands, whatever becomes of this."""
    restore_paid(account_id=account_id, now=now())


@receiver(line_closed)
def stop_topping_up(account_id: uuid.UUID, **_future: object) -> None:
    """Take no more money from the card of somebody whose last number is gone."""
    turn_off_without_line(account_id=account_id, now=now())
