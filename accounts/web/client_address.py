"""Where a request comes from, for counting: behind proxies of ours the address that the outermost of them saw."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"


def client_address(request: HttpRequest) -> str:
    """Return one IPv4 address, or the /64 of an IPv6 address, since a household or a phone holds a whole one.

    Only as many entries of X-Forwarded-For are believed as there are proxies of ours (`settings.TRUSTED_PROXIES`):
    what stands before them was written by the visitor.
    """
    forwarded = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    hops = [*forwarded, request.META.get("REMOTE_ADDR", "")]
    try:
        return _counted_as(ip_address(hops[-1 - settings.TRUSTED_PROXIES :][0]))
    except ValueError:
        return UNKNOWN


def _counted_as(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))
