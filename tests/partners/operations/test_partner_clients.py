from datetime import timedelta
from typing import Any

import pytest
from oauth2_provider.models import Application

from kernel.errors import NotFound
from kernel.sight import SightKind
from partners.models import PartnerClient, PartnerSecret
from partners.operations.partner_clients import (
    ClientIdTaken,
    ClientRevoked,
    ClientTerms,
    ClientTermsInvalid,
    change_partner_client,
    end_older_secrets,
    make_partner_client,
    revoke_partner_client,
    rotate_partner_secret,
)
from partners.queries.partner_clients import list_valid_secret_hashes
from tests.factories.billing import NOW

pytestmark = pytest.mark.django_db
TERMS = ClientTerms(name="Shop", scopes=["balance:read"], calls_per_minute=60)
DAY = timedelta(days=1)


def make() -> str:
    return make_partner_client(client_id="shop", terms=TERMS, made_by="clerk", now=NOW)[1]


def valid(secret: str, *, after: timedelta = timedelta(0)) -> bool:
    return PartnerSecret.hash_of(secret) in list_valid_secret_hashes(client_id="shop", now=NOW + after)


class TestMakePartnerClient:
    def test_gives_a_secret_that_is_kept_as_a_hash(self) -> None:
        secret = make()
        assert valid(secret)
        assert not valid("another")
        assert len(secret) >= 43
        assert secret not in str(PartnerSecret.objects.values().get())

    def test_refuses_an_id_that_is_taken(self) -> None:
        make()
        with pytest.raises(ClientIdTaken):
            make()
        assert (PartnerClient.objects.count(), PartnerSecret.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"scopes": []}, "scopes"),
            ({"scopes": ["balance"]}, "scopes"),
            ({"sight_kind": SightKind.OWN}, "sight_kind"),
            ({"sight_kind": SightKind.PROVINCES}, "provinces"),
            ({"sight_kind": SightKind.PROVINCES, "provinces": ["XX"]}, "provinces"),
            ({"calls_per_minute": 0}, "calls_per_minute"),
            ({"networks": ["203.0.113.0/33"]}, "networks"),
            ({"networks": ["everywhere"]}, "networks"),
        ],
    )
    def test_refuses_terms_that_do_not_fit(self, changes: dict[str, Any], field: str) -> None:
        terms = ClientTerms(**{"name": "Shop", "scopes": ["balance:read"], "calls_per_minute": 60, **changes})
        with pytest.raises(ClientTermsInvalid) as refused:
            make_partner_client(client_id="shop", terms=terms, made_by="clerk", now=NOW)
        assert refused.value.field == field
        assert not Application.objects.exists()

    @pytest.mark.parametrize("client_id", ["", "a b", "a:b", "店", "a" * 65])
    def test_refuses_ids_that_do_not_fit_into_a_header(self, client_id: str) -> None:
        with pytest.raises(ClientTermsInvalid):
            make_partner_client(client_id=client_id, terms=TERMS, made_by="clerk", now=NOW)


class TestRotatePartnerSecret:
    def test_leaves_the_one_before_valid_for_a_while(self) -> None:
        first = make()
        second = rotate_partner_secret(client_id="shop", overlap=DAY, made_by="clerk", now=NOW)
        assert [valid(first), valid(second)] == [True, True]
        assert [valid(first, after=DAY), valid(second, after=DAY)] == [False, True]

    def test_ends_older_ones_at_once(self) -> None:
        first = make()
        second, third = (
            rotate_partner_secret(client_id="shop", overlap=DAY, made_by="clerk", now=NOW + number * timedelta(hours=1))
            for number in (1, 2)
        )
        assert [valid(secret, after=timedelta(hours=2)) for secret in (first, second, third)] == [False, True, True]

    def test_can_end_without_overlap(self) -> None:
        first = make()
        second = rotate_partner_secret(client_id="shop", overlap=DAY, made_by="clerk", now=NOW)
        assert end_older_secrets(client_id="shop", now=NOW) == 1
        assert [valid(first), valid(second)] == [False, True]


class TestChangePartnerClient:
    def test_sets_the_terms(self) -> None:
        make()
        terms = ClientTerms(
            name="Mall", scopes=["balance:write"], calls_per_minute=5, sight_kind=SightKind.PROVINCES,
            provinces=["CN-GD"], networks=["203.0.113.7", "2001:db8::1/64"],
        )  # fmt: skip
        change_partner_client(client_id="shop", terms=terms)
        client = PartnerClient.objects.get()
        assert (client.name, client.scopes, client.calls_per_minute) == ("Mall", ["balance:write"], 5)
        assert (client.sight.kind, client.sight.provinces) == (SightKind.PROVINCES, ("CN-GD",))
        assert client.networks == ["203.0.113.7/32", "2001:db8::/64"]

    def test_knows_no_client_that_was_not_made(self) -> None:
        with pytest.raises(NotFound):
            change_partner_client(client_id="shop", terms=TERMS)


class TestRevokePartnerClient:
    def test_ends_its_secrets_and_every_change(self) -> None:
        secret = make()
        revoke_partner_client(client_id="shop", revoked_by="clerk", now=NOW)
        assert not valid(secret)
        for refused in (
            lambda: revoke_partner_client(client_id="shop", revoked_by="clerk", now=NOW),
            lambda: change_partner_client(client_id="shop", terms=TERMS),
            lambda: rotate_partner_secret(client_id="shop", overlap=DAY, made_by="clerk", now=NOW),
        ):
            with pytest.raises(ClientRevoked):
                refused()
