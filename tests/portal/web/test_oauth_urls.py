import base64
from typing import Any

import pytest
from django.test import Client
from oauth2_provider.models import get_access_token_model

from partners.models import PartnerSecret
from tests.factories.partners import PREPAY, SECRET, make_partner

pytestmark = pytest.mark.django_db
TOKEN = "/oauth/token/"


@pytest.fixture
def client_id() -> str:
    return make_partner().client_id


def basic(client_id: str, secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def ask(client_id: str, secret: str = SECRET, **form: str) -> Any:
    form = {"grant_type": "client_credentials", "scope": "balance:read"} | form
    return Client(enforce_csrf_checks=True).post(TOKEN, form, headers=basic(client_id, secret))


class TestToken:
    def test_is_given_for_client_credentials(self, client_id: str) -> None:
        answer = ask(client_id)
        body = answer.json()
        assert answer.status_code == 200
        assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "balance:read")
        assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
        assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")

    def test_opens_what_its_scope_allows(self, client_id: str) -> None:
        token = ask(client_id).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
        assert Client().get(f"{PREPAY}/bucket", headers=headers).status_code == 200
        assert Client().post(f"{PREPAY}/topupBalance", headers=headers).status_code == 403

    def test_is_not_kept_in_the_database(self, client_id: str) -> None:
        token = ask(client_id).json()["access_token"]
        kept = get_access_token_model().objects.filter(application__client_id=client_id).latest("created")
        assert (kept.token, token in str(vars(kept))) == ("", False)

    def test_ends_when_it_is_revoked(self, client_id: str) -> None:
        token = ask(client_id).json()["access_token"]
        revoked = Client().post("/oauth/revoke_token/", {"token": token}, headers=basic(client_id))
        assert revoked.status_code == 200
        assert Client().get(f"{PREPAY}/bucket", headers={"Authorization": f"Bearer {token}"}).status_code == 401

    @pytest.mark.parametrize(
        ("form", "status", "error"),
        [
            ({"grant_type": "password", "username": "clerk", "password": "x"}, 400, "unsupported_grant_type"),
            ({"grant_type": "authorization_code", "code": "x"}, 400, "unsupported_grant_type"),
            ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "unsupported_grant_type"),
            ({"grant_type": ""}, 400, "invalid_request"),
            ({"scope": ""}, 400, "invalid_scope"),
            ({"scope": "balance:read admin"}, 400, "invalid_scope"),
            ({"secret": "wrong"}, 401, "invalid_client"),
            ({"client_id": "nobody"}, 401, "invalid_client"),
        ],
    )
    def test_is_refused(self, client_id: str, form: dict[str, str], status: int, error: str) -> None:
        before = get_access_token_model().objects.count()
        answer = ask(form.pop("client_id", client_id), form.pop("secret", SECRET), **form)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert get_access_token_model().objects.count() == before


class TestApplication:
    def test_keeps_its_secret_as_a_hash(self, client_id: str) -> None:
        kept = PartnerSecret.objects.get(client__client_id=client_id)
        assert SECRET not in str(vars(kept))
        assert kept.secret_hash == PartnerSecret.hash_of(SECRET)
