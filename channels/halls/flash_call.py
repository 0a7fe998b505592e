"""The hall of the number that rings off: a call brings plan, balance and data left by text."""

from django.conf import settings

from channels.halls.wish import Wish
from kernel.channel import Channel
from messaging.models import Inbound

CHANNEL = Channel.FLASH_CALL


def read(inbound: Inbound) -> Wish:
    """Every call means the same; whoever rings again and again gets one text in `FLASH_CALL_QUIET_SECONDS`."""
    return Wish("summary", {"quiet_seconds": settings.FLASH_CALL_QUIET_SECONDS})
