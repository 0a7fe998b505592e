"""Gives a partner system a token without its secret: for whoever keeps the hall, to try things out."""

import secrets
from datetime import datetime, timedelta

from oauth2_provider.models import get_access_token_model, set_token_value

from partners.operations.partner_clients import ClientRevoked
from partners.queries.partner_clients import get_partner_client


def issue_partner_token(*, client_id: str, lifetime: timedelta, now: datetime) -> str:
    """Make a token with every scope that a partner system has.

    :return: the token, which cannot be read again.
    :raises ClientRevoked: it was revoked.
    :raises NotFound: there is none of that id.
    """
    client = get_partner_client(client_id)
    if client.revoked_at is not None:
        raise ClientRevoked
    token = secrets.token_urlsafe(32)
    access_token = get_access_token_model()(
        application_id=client.pk, scope=" ".join(client.scopes), expires=now + lifetime
    )
    set_token_value(access_token, token)
    access_token.save()
    return token
