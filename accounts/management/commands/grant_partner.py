from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from oauth2_provider.models import get_application_model

from accounts.operations.grant_partner import grant_partner_account
from accounts.queries.lines import get_line_by_msisdn
from kernel.clock import now
from kernel.errors import DomainError
from kernel.masking import mask_msisdn
from kernel.phone import parse_msisdn


class Command(BaseCommand):
    help = "Let a partner's OAuth client see the accounts behind phone numbers, all of them or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client_id", help="the client, as made by `make_partner`")
        parser.add_argument("numbers", nargs="+", metavar="number", help="a number in use, such as 13800138000")

    @transaction.atomic
    def handle(self, *args: Any, client_id: str, numbers: list[str], **options: Any) -> None:
        if not get_application_model().objects.filter(client_id=client_id).exists():
            raise CommandError(f"There is no client {client_id}. Make it with make_partner first.")
        for number in numbers:
            try:
                line = get_line_by_msisdn(parse_msisdn(number))
            except DomainError as refusal:
                raise CommandError(f"{mask_msisdn(number)}: {refusal}") from None
            grant_partner_account(client_id=client_id, account_id=line.account_id, now=now())
        self.stdout.write(f"{client_id} may see the accounts of {len(numbers)} numbers")
