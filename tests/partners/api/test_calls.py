"""Who is let in, how often, from where, and what is written down about it."""

import base64
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from accounts.models import Line
from kernel.ids import NIL, PublicId
from kernel.sight import SightKind
from partners.models import CustomerToken, PartnerCall
from partners.operations.customer_tokens import make_customer_token, revoke_customer_token
from partners.operations.partner_clients import (
    ClientTerms,
    change_partner_client,
    revoke_partner_client,
    rotate_partner_secret,
)
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.partners import PREPAY, SECRET, Partner, make_partner

pytestmark = pytest.mark.django_db
URL = f"{PREPAY}/bucket"
TOKEN, REVOCATION = "/oauth/token/", "/oauth/revoke_token/"


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=10_00)


def ask(client_id: str, secret: str = SECRET, scope: str = "balance:read") -> Any:
    return _post(TOKEN, {"grant_type": "client_credentials", "scope": scope}, client_id, secret)


def revoke(client_id: str, token: str, secret: str = SECRET) -> Any:
    return _post(REVOCATION, {"token": token}, client_id, secret)


def _post(address: str, form: dict[str, str], client_id: str, secret: str) -> Any:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return Client().post(address, form, headers={"Authorization": f"Basic {basic}"})


class TestPartner:
    @pytest.mark.parametrize(("sees", "many"), [(SightKind.GRANTED, 1), (SightKind.PROVINCES, 2), (SightKind.ALL, 2)])
    def test_sees_as_far_as_staff_said(self, line: Line, sees: SightKind, many: int) -> None:
        make_line()
        partner = make_partner(line, sees=sees, provinces=("CN-GD", "CN-ZJ", "CN-SC", "CN-SN"))
        assert len(partner.get(URL).json()) == many

    def test_is_ended_by_its_revocation(self, line: Line) -> None:
        partner = make_partner(line)
        revoke_partner_client(client_id=partner.client_id, revoked_by="clerk", now=NOW)
        assert partner.get(URL).status_code == 401
        assert ask(partner.client_id).status_code == 401

    def test_loses_a_scope_at_once(self, line: Line) -> None:
        partner = make_partner(line)
        terms = ClientTerms(name="Shop", scopes=["usage:write"], calls_per_minute=60)
        change_partner_client(client_id=partner.client_id, terms=terms)
        assert (partner.get(URL).status_code, partner.get(URL).json()["code"]) == (403, "SCOPE_MISSING")
        assert ask(partner.client_id).json()["error"] == "invalid_scope"

    def test_calls_from_its_addresses_only(self, line: Line) -> None:
        near = make_partner(line, networks=("127.0.0.0/8",))
        far = make_partner(line, networks=("203.0.113.0/24",))
        assert (near.get(URL).status_code, ask(near.client_id).status_code) == (200, 200)
        assert (far.get(URL).status_code, far.get(URL).json()["code"]) == (403, "ADDRESS_NOT_ALLOWED")
        assert (ask(far.client_id).status_code, ask(far.client_id).json()["error"]) == (401, "invalid_client")

    def test_moves_from_one_secret_to_the_next(self) -> None:
        client_id = make_partner().client_id
        new = rotate_partner_secret(client_id=client_id, overlap=timedelta(hours=1), made_by="clerk", now=NOW)
        assert [ask(client_id, secret).status_code for secret in (SECRET, new, "other")] == [200, 200, 401]
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            assert [ask(client_id, secret).status_code for secret in (SECRET, new)] == [401, 200]

    def test_gets_tokens_only_so_often(self, settings: Settings) -> None:
        settings.PARTNER_TOKENS_PER_MINUTE = 2
        client_id = make_partner().client_id
        answers = [ask(client_id, secret) for secret in (SECRET, "other", SECRET)]
        assert [answer.status_code for answer in answers] == [200, 401, 429]
        assert (answers[2]["Retry-After"], answers[2]["RateLimit"]) == ("60", '"calls";r=0;t=60')
        assert answers[2].json()["error"] == "temporarily_unavailable"
        assert ask(make_partner().client_id).status_code == 200
        settings.PARTNER_TOKENS_PER_ADDRESS_MINUTE = 4
        assert ask(make_partner().client_id).status_code == 429

    def test_revokes_a_token_from_its_addresses_only(self, line: Line) -> None:
        near = make_partner(line, networks=("127.0.0.0/8",))
        token = ask(near.client_id).json()["access_token"]
        far = make_partner(line, networks=("203.0.113.0/24",))
        assert [revoke(one.client_id, token).status_code for one in (far, near)] == [401, 200]
        assert Client().get(URL, headers={"Authorization": f"Bearer {token}"}).status_code == 401

    def test_guesses_at_a_secret_no_more_often_by_revoking(self, settings: Settings) -> None:
        settings.PARTNER_TOKENS_PER_MINUTE = 2
        client_id = make_partner().client_id
        answers = [revoke(client_id, "t", "wrong"), ask(client_id, "wrong"), revoke(client_id, "t"), ask(client_id)]
        assert [answer.status_code for answer in answers] == [401, 401, 429, 429]

    def test_that_was_refused_for_its_rate_has_moved_nothing(self, line: Line) -> None:
        partner = make_partner(line, calls_per_minute=1)
        wish = {"amount": {"amount": 10, "units": "CNY"}, "logicalResource": {"value": line.msisdn}}
        partner.get(URL)
        assert partner.post(f"{PREPAY}/topupBalance", wish, key="k").status_code == 429
        assert wallet_of(line.account_id) == (10_00, 0, 1)


class TestCustomersOwnToken:
    @pytest.fixture
    def own(self, line: Line) -> Partner:
        token, written = make_customer_token(
            line=line, name="budget", lifetime=timedelta(days=30), request_key=NIL, now=NOW
        )
        return Partner(f"customer:{token.id}", written)

    def test_reads_its_account_and_nothing_else(self, line: Line, own: Partner) -> None:
        other = make_line()
        [bucket] = own.get(URL).json()
        assert bucket["partyAccount"]["id"] == str(line.account_id)
        assert own.get(f"{URL}/{PublicId(other.account_id, NIL)}").status_code == 404

    def test_changes_nothing(self, line: Line, own: Partner) -> None:
        wish = {"amount": {"amount": 10, "units": "CNY"}, "logicalResource": {"value": line.msisdn}}
        response = own.post(f"{PREPAY}/topupBalance", wish, key="k")
        assert (response.status_code, response.json()["code"]) == (403, "SCOPE_MISSING")
        assert wallet_of(line.account_id) == (10_00, 0, 1)

    def test_notes_its_last_use(self, own: Partner) -> None:
        assert CustomerToken.objects.get().used_at is None
        own.get(URL)
        assert CustomerToken.objects.get().used_at == NOW

    def test_ends_when_it_is_revoked(self, line: Line, own: Partner) -> None:
        token = CustomerToken.objects.get()
        revoke_customer_token(account_id=line.account_id, line_id=line.id, token_id=token.id, now=NOW)
        assert own.get(URL).status_code == 401

    def test_ends_with_its_time_and_its_line(self, line: Line, own: Partner) -> None:
        with time_machine.travel(NOW + timedelta(days=30), tick=False):
            assert own.get(URL).status_code == 401
        assert own.get(URL).status_code == 200
        Line.objects.filter(account_id=line.account_id).update(state="CLOSED")
        assert own.get(URL).status_code == 401

    @pytest.mark.parametrize(
        "change", [lambda text: text[:-1], lambda text: text + "x", lambda text: "hall_", str.lower]
    )
    def test_is_worth_nothing_when_written_otherwise(self, own: Partner, change: Any) -> None:
        assert Partner("", change(own.token)).get(URL).status_code == 401

    def test_is_limited_in_calls(self, own: Partner, settings: Settings) -> None:
        settings.CUSTOMER_TOKEN_CALLS_PER_MINUTE = 1
        assert [own.get(URL).status_code for _ in range(2)] == [200, 429]


class TestCallLog:
    def test_keeps_who_did_what_with_which_outcome(self, line: Line) -> None:
        partner = make_partner(line)
        wallet = str(PublicId(line.account_id, NIL))
        wish = {"amount": {"amount": 10, "units": "CNY"}, "logicalResource": {"value": line.msisdn}}
        partner.get(f"{URL}/{wallet}", fields="name")
        partner.get(URL, colour="red")
        made = partner.post(f"{PREPAY}/topupBalance", wish, key="order-1")
        Client().get(URL)
        ask(partner.client_id, "wrong")
        Client().get("/tmf-api/nothing")
        columns = ("client_id", "operation", "status", "outcome", "account_id", "entity_id", "idempotency_key")
        who, account = partner.client_id, line.account_id
        assert list(PartnerCall.objects.order_by("id").values_list(*columns)) == [
            (who, "GET prepay-balance:bucket-item", 200, "OK", account, wallet, ""),
            (who, "GET prepay-balance:bucket", 400, "PARAMETER_INVALID", None, "", ""),
            (who, "POST prepay-balance:topupBalance", 201, "OK", account, made.json()["id"], "order-1"),
            ("", "GET prepay-balance:bucket", 401, "TOKEN_MISSING", None, "", ""),
            (who, "POST oauth2_provider:token", 401, "HTTP_401", None, "", ""),
            ("", "GET unknown", 404, "HTTP_404", None, "", ""),
        ]
        assert set(PartnerCall.objects.values_list("address", "called_at")) == {("127.0.0.1", NOW)}
