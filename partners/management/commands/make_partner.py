from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kernel.clock import now
from kernel.errors import DomainError
from kernel.rest.registry import list_scopes
from kernel.sight import SightKind
from partners.operations.partner_clients import ClientTerms, make_partner_client


class Command(BaseCommand):
    help = "Make a partner system with its first secret, which is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client_id", help="what it signs in with: letters, digits, . _ -")
        parser.add_argument("scopes", nargs="+", metavar="scope", help="such as balance:read balance:write")
        parser.add_argument("--name", help="as the staff desk shows it; the client id if it is left out")
        sight = parser.add_mutually_exclusive_group()
        sight.add_argument("--all-accounts", action="store_true", help="sees every account")
        sight.add_argument("--province", action="append", default=[], help="sees a province's accounts, such as CN-GD")
        parser.add_argument("--calls-per-minute", type=int, default=settings.PARTNER_CALLS_PER_MINUTE)
        parser.add_argument("--network", action="append", default=[], help="calls may come from here only")

    def handle(
        self,
        *args: Any,
        client_id: str,
        scopes: list[str],
        name: str | None,
        all_accounts: bool,
        province: list[str],
        calls_per_minute: int,
        network: list[str],
        **options: Any,
    ) -> None:
        unknown = sorted(set(scopes) - set(list_scopes()))
        if unknown:
            raise CommandError(
                f"There are no scopes {', '.join(unknown)}. There are: {', '.join(sorted(list_scopes()))}"
            )
        one_by_one = SightKind.PROVINCES if province else SightKind.GRANTED
        terms = ClientTerms(
            name=name or client_id,
            scopes=scopes,
            calls_per_minute=calls_per_minute,
            sight_kind=SightKind.ALL if all_accounts else one_by_one,
            provinces=province,
            networks=network,
        )
        try:
            _client, secret = make_partner_client(client_id=client_id, terms=terms, made_by="command line", now=now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"client_id: {client_id}\nclient_secret: {secret}")
