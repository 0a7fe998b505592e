"""Who calls: the client of a bearer token (RFC 6750, header only) that was given out for client credentials."""

import hashlib
from dataclasses import dataclass

from oauth2_provider.models import AbstractAccessToken, get_access_token_model
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from kernel.rest.errors import CHALLENGE, TokenInvalid


@dataclass(frozen=True, slots=True)
class Partner:
    """The caller of a REST operation: a partner's client. Stands where Django has a user."""

    client_id: str
    is_authenticated = True


class BearerTokenAuthentication(BaseAuthentication):
    """Finds the token of the Authorization header by its checksum, in one query.

    The toolkit's own class also reads the body, for tokens in forms: a refused caller would have it parsed first.
    """

    def authenticate(self, request: Request) -> tuple[Partner, AbstractAccessToken] | None:
        """Return the client and its token; None without a bearer token.

        :raises TokenInvalid: the token is unknown, revoked or has expired.
        """
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        checksum = hashlib.sha256(token.strip().encode()).hexdigest()
        access_token = (
            get_access_token_model().objects.select_related("application").filter(token_checksum=checksum).first()
        )
        if access_token is None or access_token.application is None or access_token.is_expired():
            raise TokenInvalid
        return Partner(access_token.application.client_id), access_token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return CHALLENGE
