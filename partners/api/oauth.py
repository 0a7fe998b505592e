"""How partners get their tokens (RFC 6749, client credentials): which secrets are good, and for which scopes."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.models import Application
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauth2_provider.views import RevokeTokenView, TokenView

from accounts.web.client_address import client_address
from kernel.clock import now
from kernel.errors import NotFound
from kernel.rest.registry import list_scopes
from partners.models import PartnerSecret
from partners.operations.admit_call import AddressNotAllowed, require_address
from partners.operations.call_rate import RateExceeded, take_call
from partners.queries.partner_clients import get_partner_client, list_valid_secret_hashes

# Where the view leaves for the validator, which sees no more than headers, where the request comes from.
_ADDRESS = "HALL_CLIENT_ADDRESS"


class HouseScopes(BaseScopes):
    """The scopes are those of the declared resources; an application may have what staff gave its partner."""

    def get_all_scopes(self) -> Mapping[str, str]:
        """Return every scope and what it opens."""
        return list_scopes()

    def get_available_scopes(
        self, application: Application | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> Sequence[str]:
        """Return the scopes that an application may ask for."""
        if application is None:
            return list(list_scopes())
        try:
            client = get_partner_client(application.client_id)
        except NotFound:
            return []
        return [scope for scope in client.scopes if scope in list_scopes()]

    def get_default_scopes(
        self, application: Application | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> Sequence[str]:
        """Return none: whoever wants a token says what for."""
        return []


class PartnerValidator(OAuth2Validator):
    """Takes any secret of the partner that is valid: two of them are while it moves from one to the next."""

    def _load_application(self, client_id: str, request: Any) -> Application | None:
        application = super()._load_application(client_id, request)
        if application is not None and isinstance(application.client_secret, str):
            application.client_secret = list_valid_secret_hashes(client_id=client_id, now=now())
        return cast("Application | None", application)

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Tell whether it is the client it says it is, asking from where it may."""
        if not super().authenticate_client(request, *args, **kwargs):
            return False
        try:
            networks = get_partner_client(request.client.client_id).networks
            require_address(networks=networks, address=request.headers.get(_ADDRESS, ""))
        except (NotFound, AddressNotAllowed):
            return False
        return True

    def _check_secret(self, provided_secret: str, stored_secret: Any) -> bool:
        # Hashes are compared, which tell nothing about the secret; so the time of the comparison tells nothing either.
        return PartnerSecret.hash_of(provided_secret) in stored_secret


class PartnerTokenView(TokenView):
    """The token endpoint, limited in how often it is asked from one address and for one client."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with a token, or with an error after RFC 6749, 5.2."""
        refusal = _count(request)
        return _too_often(refusal) if refusal else cast("HttpResponse", super().post(request, *args, **kwargs))


class PartnerRevocationView(RevokeTokenView):
    """The revocation endpoint: it takes the same secrets, so it is limited as the token endpoint is."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End a token, or answer with an error after RFC 7009, 2.2.1."""
        refusal = _count(request)
        return _too_often(refusal) if refusal else cast("HttpResponse", super().post(request, *args, **kwargs))


def _count(request: HttpRequest) -> RateExceeded | None:
    """Count a call that shows a secret, and tell the validator where it comes from; return why it may not go on."""
    address, client_id = client_address(request), _client_id(request)
    noted = cast("Any", request)
    noted.rest_client_id = client_id
    try:
        take_call(caller=f"token:{address}", limit=settings.PARTNER_TOKENS_PER_ADDRESS_MINUTE, now=now())
        noted.rest_rate = take_call(
            caller=f"token:{address}:{client_id}", limit=settings.PARTNER_TOKENS_PER_MINUTE, now=now()
        )
    except RateExceeded as refusal:
        noted.rest_rate = refusal.rate
        return refusal
    request.META[_ADDRESS] = address
    return None


def _too_often(refusal: RateExceeded) -> HttpResponse:
    body = {"error": "temporarily_unavailable", "error_description": str(refusal)}
    headers = {"Retry-After": str(refusal.retry_after_seconds), "Cache-Control": "no-store"}
    response = JsonResponse(body, status=429, headers=headers, json_dumps_params={"ensure_ascii": False})
    cast("Any", response).outcome = refusal.code
    return response


def _client_id(request: HttpRequest) -> str:
    """Return which client asks, as it says; whether it is so, its secret tells."""
    scheme, _space, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id = base64.b64decode(credentials).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    else:
        client_id = str(request.POST.get("client_id", ""))
    return client_id.replace("\0", "")[:64]
