"""Partner systems: OAuth clients with tokens, and REST calls in their name."""

import itertools
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model, set_token_value

from accounts.models import Line
from accounts.operations.grant_partner import grant_partner_account
from tests.factories.billing import NOW

PREPAY = "/tmf-api/prepayBalanceManagement/v4"
SECRET = "a secret that only this test knows"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Partner:
    """A partner's client with one token; `get` and `post` call as it does."""

    client_id: str
    token: str

    def get(self, path: str, **parameters: Any) -> Any:
        """GET with query parameters; underscores in their names stay, dots are given as `**{"a.b": …}`."""
        return Client().get(
            path, parameters, headers={"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        )

    def post(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> Any:
        """POST a body (bytes, or what becomes JSON) with an Idempotency-Key."""
        given = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **headers}
        if key is not None:
            given["Idempotency-Key"] = key
        content_type = given.pop("Content-Type", "application/json")
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Client(raise_request_exception=True).post(path, data, content_type=content_type, headers=given)


def make_partner(
    *lines: Line, scope: str = "balance:read balance:write", expires_at: datetime | None = None
) -> Partner:
    """Make a client with a token of that scope, which may see the accounts of the given lines."""
    application = get_application_model().objects.create(
        name=f"partner {next(_numbers)}",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret=SECRET,
    )
    for line in lines:
        grant_partner_account(client_id=application.client_id, account_id=line.account_id, now=NOW)
    token = f"token-{next(_numbers)}-of-{application.client_id}"
    access_token = get_access_token_model()(
        application=application, scope=scope, expires=expires_at or timezone.now() + timedelta(hours=1)
    )
    set_token_value(access_token, token)
    access_token.save()
    return Partner(application.client_id, token)
