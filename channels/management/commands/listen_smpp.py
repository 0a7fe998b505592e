"""`manage.py listen_smpp`: delivery receipts and customers' texts from the message centre, as long as it runs."""

import signal
import threading
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand

from channels.operations.keep_customer_text import keep_customer_text
from kernel.clock import now
from messaging.operations.listen_to_network import listen_to_network


class Command(BaseCommand):
    """Run it beside the workers, once, or twice where the message centre allows two receivers."""

    help = "Stay bound to the SMPP message centre: keep delivery receipts, and answer what customers text."

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_arguments: stopped.set())
        keep_text = partial(keep_customer_text, gateway="smpp")
        listen_to_network(keep_text=keep_text, clock=now, until=stopped.is_set)
