"""Who is at the REST door, and whether it may call now."""

import hashlib
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_access_token_model

from kernel.errors import DomainError
from kernel.sight import Sight, SightKind
from partners.operations.call_rate import CallRate, take_call
from partners.operations.customer_tokens import PREFIX, find_customer_token

if TYPE_CHECKING:
    from partners.models import PartnerClient


class AddressNotAllowed(DomainError):
    """The partner's calls may not come from here."""

    code = "ADDRESS_NOT_ALLOWED"
    message = _("Calls of this client may not come from this address.")
    cure = _("Ask the operator to add the address.")
    http_status = 403


@dataclass(frozen=True, slots=True)
class KnownCaller:
    """Who holds a token.

    :ivar client_id: the partner's, or "customer:…" for a customer's own token.
    :ivar client_name: what people call it.
    :ivar sight: which accounts it may see.
    :ivar scopes: what the token may do; None: read everything there is.
    :ivar calls_per_minute: how often it may call.
    :ivar networks: where its calls may come from; none is anywhere.
    """

    client_id: str
    client_name: str
    sight: Sight
    scopes: Collection[str] | None
    calls_per_minute: int
    networks: Collection[str] = ()
    account_id: uuid.UUID | None = None


def find_caller(*, token: str, now: datetime) -> KnownCaller | None:
    """Return who holds a token; None if it is unknown, revoked, or has expired."""
    if token.startswith(PREFIX):
        return _customer(token, now)
    checksum = hashlib.sha256(token.encode()).hexdigest()
    tokens = get_access_token_model().objects.select_related("application__partner")
    found = tokens.filter(token_checksum=checksum, expires__gt=now).first()
    client: PartnerClient | None = getattr(found.application, "partner", None) if found and found.application else None
    if found is None or client is None or client.revoked_at is not None:
        return None
    return KnownCaller(
        client_id=client.client_id,
        client_name=client.name,
        sight=client.sight,
        scopes=set(found.scope.split()) & set(client.scopes),
        calls_per_minute=client.calls_per_minute,
        networks=client.networks,
    )


def admit_call(*, caller: KnownCaller, address: str, now: datetime) -> CallRate:
    """Count a call, unless the caller may not call from here or not now.

    :param address: an IP address, or the /64 of one.
    :return: where the caller stands in its minute.
    :raises AddressNotAllowed: its calls may not come from this address; nothing was counted.
    :raises RateExceeded: it called as often as it may in this minute.
    """
    require_address(networks=caller.networks, address=address)
    return take_call(caller=f"client:{caller.client_id}", limit=caller.calls_per_minute, now=now)


def require_address(*, networks: Iterable[str], address: str) -> None:
    """Let addresses of the networks pass; any, where there are none.

    :raises AddressNotAllowed: the address is in none of them.
    """
    allowed = [ip_network(network) for network in networks]
    if not allowed:
        return
    try:
        place = ip_network(address)
    except ValueError:
        raise AddressNotAllowed from None
    if not any(place.version == network.version and place.subnet_of(network) for network in allowed):  # type: ignore[arg-type]
        raise AddressNotAllowed


def _customer(written: str, now: datetime) -> KnownCaller | None:
    token = find_customer_token(written=written, now=now)
    if token is None:
        return None
    return KnownCaller(
        client_id=f"customer:{token.id}",
        client_name=token.name,
        sight=Sight(kind=SightKind.OWN, account_id=token.account_id),
        scopes=None,
        calls_per_minute=settings.CUSTOMER_TOKEN_CALLS_PER_MINUTE,
        account_id=token.account_id,
    )
