from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kernel.clock import now
from kernel.errors import DomainError
from partners.operations.issue_token import issue_partner_token


class Command(BaseCommand):
    help = "Print a token of a partner system, ready to use, with every scope that it has."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client_id", nargs="?", default="demo-partner", help="demo-partner if it is left out")
        parser.add_argument("--hours", type=int, default=1, help="how long it is valid; 1 if it is left out")

    def handle(self, *args: Any, client_id: str, hours: int, **options: Any) -> None:
        if not 1 <= hours <= 24 * 30:
            raise CommandError("A token is valid for 1 to 720 hours.")
        try:
            self.stdout.write(issue_partner_token(client_id=client_id, lifetime=timedelta(hours=hours), now=now()))
        except DomainError as refusal:
            raise CommandError(f"{client_id}: {refusal}") from None
