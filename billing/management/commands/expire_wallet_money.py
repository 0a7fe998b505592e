from typing import Any

from django.core.management.base import BaseCommand

from billing.operations.holds import expire_holds
from billing.operations.ledger import expire_bonuses
from kernel.clock import now


class Command(BaseCommand):
    help = "Set free what was set aside for too long, and take expired bonus out of the wallets, as the sweepers do."

    def handle(self, *args: Any, **options: Any) -> None:
        at = now()
        holds = 0
        while ended := expire_holds(now=at):
            holds += ended
        gifts = expire_bonuses(now=at)
        self.stdout.write(f"{holds} holds expired, {gifts} gifts of bonus expired.")
