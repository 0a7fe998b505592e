"""Who calls the REST face: a partner with a token of its client credentials, or a customer with a token of its own."""

from typing import Any, cast

from rest_framework.request import Request

from accounts.web.client_address import client_address
from kernel.clock import now
from kernel.rest.authentication import BearerAuthentication, TokenHolder
from kernel.rest.errors import TokenInvalid
from kernel.rest.registry import list_scopes
from partners.operations.admit_call import admit_call, find_caller
from partners.operations.call_rate import RateExceeded


class PartnerAuthentication(BearerAuthentication):
    """Finds the caller, counts its call and notes both on the request, for `partners.api.call_log`."""

    def find_holder(self, request: Request, token: str) -> TokenHolder:
        """Return who holds a token.

        :raises TokenInvalid: it is unknown, revoked or has expired.
        :raises AddressNotAllowed: its holder may not call from here.
        :raises RateExceeded: its holder called as often as it may in this minute.
        """
        instant, note = now(), cast("Any", request._request)
        caller = find_caller(token=token, now=instant)
        if caller is None:
            raise TokenInvalid
        note.rest_client_id = caller.client_id
        if caller.account_id is not None:
            note.account_id = caller.account_id
        try:
            note.rest_rate = admit_call(caller=caller, address=client_address(request._request), now=instant)
        except RateExceeded as refusal:
            note.rest_rate = refusal.rate
            raise
        scopes = _reading_scopes() if caller.scopes is None else caller.scopes
        return TokenHolder(
            client_id=caller.client_id, client_name=caller.client_name, sight=caller.sight, scopes=scopes
        )


def _reading_scopes() -> set[str]:
    return {scope for scope in list_scopes() if scope.endswith(":read")}
