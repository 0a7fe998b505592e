import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kernel.ids import PublicId
from partners.models import PartnerCall, PartnerClient, PartnerSecret
from partners.queries.partner_clients import list_valid_secret_hashes
from tests.factories.accounts import staff_client
from tests.factories.billing import NOW, make_line
from tests.factories.partners import PREPAY, make_partner

pytestmark = pytest.mark.django_db
LIST = "/staff/partners/partnerclient/"
FORM = {
    "client_id": "shop",
    "name": "Shop",
    "scopes": ["balance:read"],
    "sight_kind": "GRANTED",
    "calls_per_minute": 60,
}


@pytest.fixture
def supervisor() -> Client:
    return staff_client("supervisor")


def secret_on(page: Any) -> str:
    [secret] = re.findall(r"<code>([\w-]{43})</code>", page.content.decode())
    return str(secret)


def hashes(client_id: str) -> set[str]:
    return set(list_valid_secret_hashes(client_id=client_id, now=NOW))


class TestPartnerClientAdmin:
    def test_makes_one_and_shows_its_secret_once(self, supervisor: Client) -> None:
        page = supervisor.post(f"{LIST}make/", FORM)
        client = PartnerClient.objects.get()
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        assert PartnerSecret.objects.get().secret_hash == PartnerSecret.hash_of(secret_on(page))
        record = supervisor.get(f"{LIST}{client.pk}/change/")
        assert record.status_code == 200
        assert secret_on(page) not in record.content.decode()
        assert b"balance:read" in record.content

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"scopes": []}, "scopes"),
            ({"client_id": "a b"}, "client_id"),
            ({"sight_kind": "PROVINCES"}, "provinces"),
            ({"sight_kind": "OWN"}, "sight_kind"),
            ({"networks": "everywhere"}, "networks"),
            ({"calls_per_minute": 0}, "calls_per_minute"),
        ],
    )
    def test_says_what_does_not_fit(self, supervisor: Client, changes: dict[str, Any], field: str) -> None:
        page = supervisor.post(f"{LIST}make/", FORM | changes)
        assert set(page.context["form"].errors) == {field}
        assert not PartnerClient.objects.exists()

    def test_changes_terms_and_secrets_and_revokes(self, supervisor: Client) -> None:
        first = secret_on(supervisor.post(f"{LIST}make/", FORM))
        client = PartnerClient.objects.get()
        one = f"{LIST}{client.pk}/"
        assert supervisor.get(f"{one}terms/").context["form"].initial["scopes"] == ["balance:read"]
        changed = {
            **FORM,
            "name": "Mall",
            "sight_kind": "PROVINCES",
            "provinces": ["CN-GD"],
            "networks": "203.0.113.7\n",
        }
        assert supervisor.post(f"{one}terms/", changed).status_code == 302
        client.refresh_from_db()
        assert (client.name, client.provinces, client.networks) == ("Mall", ["CN-GD"], ["203.0.113.7/32"])
        second = secret_on(supervisor.post(f"{one}rotate/", {"hours": 24}))
        assert hashes("shop") == {PartnerSecret.hash_of(first), PartnerSecret.hash_of(second)}
        assert supervisor.post(f"{one}end/").status_code == 302
        assert PartnerSecret.hash_of(second) in hashes("shop")
        assert supervisor.post(f"{one}revoke/").status_code == 302
        client.refresh_from_db()
        assert client.revoked_by.startswith("supervisor")
        assert b"/terms/" not in supervisor.get(f"{one}change/").content

    def test_lets_clerks_look_only(self) -> None:
        clerk, partner = staff_client("clerk"), make_partner()
        one = f"{LIST}{PartnerClient.objects.get().pk}/"
        assert clerk.get(LIST).status_code == 200
        assert b"/terms/" not in clerk.get(f"{one}change/").content
        pages = [clerk.get(f"{LIST}make/"), clerk.get(f"{one}terms/"), clerk.get(f"{one}rotate/")]
        pages += [clerk.post(f"{one}{name}/") for name in ("terms", "rotate", "end", "revoke")]
        assert [page.status_code for page in pages] == [403] * 7
        assert PartnerSecret.objects.filter(client__client_id=partner.client_id).count() == 1

    def test_acts_by_post_only(self, supervisor: Client) -> None:
        make_partner()
        one = f"{LIST}{PartnerClient.objects.get().pk}/"
        assert [supervisor.get(f"{one}{name}/").status_code for name in ("end", "revoke")] == [403, 403]
        assert supervisor.get(f"{LIST}999999/terms/").status_code == 404


class TestPartnerCallAdmin:
    def test_finds_calls_by_client_account_and_entity(self) -> None:
        line = make_line()
        make_partner(line).get(f"{PREPAY}/bucket/{PublicId(line.account_id, line.account_id)}")
        wallet = str(PublicId(line.account_id, PublicId.parse("A" * 44).row_id))
        partner = make_partner(line)
        partner.get(f"{PREPAY}/bucket/{wallet}")
        supervisor = staff_client("supervisor")
        address = reverse("admin:partners_partnercall_changelist")
        found = {
            term: len(supervisor.get(address, {"q": term}).context["cl"].result_list)
            for term in ("", partner.client_id, str(line.account_id), wallet, "nobody")
        }
        assert list(found.values()) == [2, 1, 1, 1, 0]
        call = PartnerCall.objects.get(entity_id=wallet)
        assert supervisor.get(reverse("admin:partners_partnercall_change", args=[call.pk])).status_code == 200
