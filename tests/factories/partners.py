"""Partner systems: clients with tokens, and REST calls in their name."""

import itertools
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, set_token_value

from accounts.models import Line
from accounts.operations.grant_partner import grant_partner_account
from kernel.rest.registry import list_scopes
from kernel.sight import SightKind
from partners.models import Hub
from partners.operations.hubs import make_hub as keep_hub
from partners.operations.partner_clients import ClientTerms, make_partner_client
from tests.factories.billing import NOW

PREPAY = "/tmf-api/prepayBalanceManagement/v4"
SECRET = "a secret that only this test knows"
EVERY_SCOPE = "*"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Partner:
    """A partner's client with one token; `get` and `post` call as it does."""

    client_id: str
    token: str

    def get(self, path: str, **parameters: Any) -> Any:
        """GET with query parameters; underscores in their names stay, dots are given as `**{"a.b": …}`."""
        return Client().get(path, parameters, headers=self._headers())

    def post(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> Any:
        """POST a body (bytes, or what becomes JSON) with an Idempotency-Key."""
        given = {**self._headers(), **headers}
        if key is not None:
            given["Idempotency-Key"] = key
        content_type = given.pop("Content-Type", "application/json")
        return Client().post(path, _bytes(body), content_type=content_type, headers=given)

    def patch(self, path: str, body: Any, *, content_type: str = "application/merge-patch+json") -> Any:
        """PATCH a body (bytes, or what becomes JSON)."""
        return Client().patch(path, _bytes(body), content_type=content_type, headers=self._headers())

    def call(self, method: str, path: str, **headers: str) -> Any:
        """Send any method without a body."""
        return Client().generic(method, path, headers={**self._headers(), **headers})

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def make_partner(
    *lines: Line,
    scope: str = EVERY_SCOPE,
    expires_at: datetime | None = None,
    sees: SightKind = SightKind.GRANTED,
    provinces: tuple[str, ...] = (),
    calls_per_minute: int = 10_000,
    networks: tuple[str, ...] = (),
) -> Partner:
    """Make a client with a token of that scope, which may see the accounts of the given lines."""
    scopes = sorted(list_scopes())
    client, _secret = make_partner_client(
        client_id=f"partner-{next(_numbers)}",
        terms=ClientTerms(
            name="partner",
            scopes=scopes,
            calls_per_minute=calls_per_minute,
            sight_kind=sees,
            provinces=provinces,
            networks=networks,
        ),
        made_by="test",
        now=NOW,
        secret=SECRET,
    )
    for line in lines:
        grant_partner_account(client_id=client.client_id, account_id=line.account_id, now=NOW)
    token = f"token-{next(_numbers)}-of-{client.client_id}"
    access_token = get_access_token_model()(
        application=client.application,
        scope=" ".join(scopes) if scope == EVERY_SCOPE else scope,
        expires=expires_at or timezone.now() + timedelta(hours=1),
    )
    set_token_value(access_token, token)
    access_token.save()
    return Partner(client.client_id, token)


def make_hub(
    partner: Partner, *, callback: str = "http://127.0.0.1:9/", query: str = "", api: str = "prepay-balance"
) -> Hub:
    """Let a partner be told of what happens from NOW on."""
    return keep_hub(
        client_id=partner.client_id,
        api=api,
        callback=callback,
        query=query,
        request_key=f"hub-{next(_numbers)}",
        now=NOW,
    )
