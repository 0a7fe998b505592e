"""Leaves the one row that says a capability was used on a channel."""

import uuid
from datetime import datetime

from channels.models import Interaction
from kernel.light_commit import committed_lightly

OK = "OK"


def record_interaction(
    *, channel: str, capability: str, outcome: str = OK, account_id: uuid.UUID | None, now: datetime
) -> None:
    """Note one use of a capability; a note of its own does not wait for the disk.

    :param channel: a `kernel.channel.Channel` value.
    :param capability: name of the capability, or of the page or REST operation.
    :param outcome: "OK" or the code of the refusal.
    :param account_id: whose, None for a visitor who is not signed in.
    :param now: when.
    """
    with committed_lightly():
        Interaction.objects.create(
            channel=channel, capability=capability[:60], outcome=outcome[:40], account_id=account_id, at=now
        )
