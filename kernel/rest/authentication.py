"""Who calls: whoever holds a bearer token (RFC 6750, header only). What tokens there are, the roof's settings say."""

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from kernel.rest.errors import CHALLENGE
from kernel.sight import Sight


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """The caller of a REST operation. Stands where Django has a user.

    :ivar client_id: names the caller: a partner's client, or a customer's own token.
    :ivar client_name: how customers are told who it is.
    :ivar sight: which accounts it may see.
    :ivar scopes: what it may do, such as "balance:read".
    """

    client_id: str
    client_name: str
    sight: Sight
    scopes: Collection[str]
    is_authenticated = True


class BearerAuthentication(BaseAuthentication):
    """Reads the Authorization header and nothing else.

    The OAuth toolkit's own class also reads the body, for tokens in forms: a refused caller would have it parsed first.
    """

    def authenticate(self, request: Request) -> tuple[TokenHolder, str] | None:
        """Return who holds the token, and the token; None without a bearer token.

        :raises TokenInvalid: the token is unknown, revoked or has expired.
        """
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = token.strip()
        return self.find_holder(request, token), token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return CHALLENGE

    @abstractmethod
    def find_holder(self, request: Request, token: str) -> TokenHolder:
        """Return who holds a token, if it may call now.

        :raises TokenInvalid: the token is unknown, revoked or has expired.
        """
