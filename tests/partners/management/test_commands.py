import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from kernel.clock import now
from kernel.sight import SightKind
from partners.models import PartnerClient
from partners.operations.partner_clients import revoke_partner_client
from partners.queries.partner_clients import list_valid_secret_hashes
from tests.factories.partners import PREPAY, make_partner

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    said = StringIO()
    call_command(*arguments, stdout=said)
    return said.getvalue()


class TestMakePartner:
    def test_tells_a_secret_that_works(self) -> None:
        said = run("make_partner", "shop", "balance:read", "--province", "CN-GD", "--network", "203.0.113.7")
        secret = re.search(r"client_secret: (\S+)", said)
        client = PartnerClient.objects.get()
        assert secret is not None
        assert (client.sight.kind, client.networks, client.scopes) == (
            SightKind.PROVINCES, ["203.0.113.7/32"], ["balance:read"],
        )  # fmt: skip
        assert len(list_valid_secret_hashes(client_id="shop", now=now())) == 1

    @pytest.mark.parametrize("arguments", [["shop", "balance:all"], ["a b", "balance:read"]])
    def test_makes_nothing_of_what_does_not_fit(self, arguments: list[str]) -> None:
        with pytest.raises(CommandError):
            run("make_partner", *arguments)
        assert not PartnerClient.objects.exists()


class TestPartnerToken:
    def test_prints_one_that_is_ready_to_use(self) -> None:
        token = run("partner_token", make_partner().client_id).strip()
        headers = {"Authorization": f"Bearer {token}"}
        assert Client().get(f"{PREPAY}/bucket", headers=headers).status_code == 200

    def test_prints_none_of_who_is_not_there(self) -> None:
        revoked = make_partner().client_id
        revoke_partner_client(client_id=revoked, revoked_by="clerk", now=now() - timedelta(hours=1))
        for arguments in (["nobody"], [revoked], [revoked, "--hours", "0"]):
            with pytest.raises(CommandError):
                run("partner_token", *arguments)
