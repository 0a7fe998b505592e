from typing import Any

from django.core.management.base import BaseCommand

from billing.models import DunningStep
from billing.operations.dunning import run_dunning
from kernel.clock import now


class Command(BaseCommand):
    help = "Warn and bar accounts that owe for too long, each one step at most. Running it again repeats nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        dunned = run_dunning(now=now(), progress=self._progress)
        steps = ", ".join(f"{dunned.steps.get(step, 0)} {step.value.lower()}" for step in DunningStep)
        self.stdout.write(f"{steps}; {dunned.put_off} put off, {dunned.paid} found paid.")

    def _progress(self, done: int, accounts: int) -> None:
        self.stdout.write(f"{done} of {accounts} accounts")
