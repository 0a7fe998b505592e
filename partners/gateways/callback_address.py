"""Where a callback may lead: into the public internet, and nowhere else (server-side request forgery).

A name is resolved once. All of its addresses must be public, and the connection goes to one of them: a name server
that answers something else a moment later changes nothing.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

_SCHEMES = {"https": 443, "http": 80}
# IPv6 addresses that carry an IPv4 address which some router on the way goes by: NAT64, 6to4, Teredo, and mapped ones
# as they are written out. Nobody who can be reached needs to be named so.
_TUNNELS = [ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")]


class AddressRefused(Exception):
    """Nothing is sent there. The words say why, to the partner."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback address, taken apart.

    :ivar target: path and query string, as they stand in the request.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as a request's Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _SCHEMES[self.scheme] else f"{host}:{self.port}"


def read_callback(url: str) -> Callback:
    """Take a callback address apart.

    :raises AddressRefused: it is none that anything is sent to, whatever its name stands for.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise AddressRefused("it is no address; write other characters as RFC 3986 has them")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("it is no address") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _SCHEMES or not host:
        raise AddressRefused("it must begin with https:// and name a host")
    if parts.username is not None or parts.fragment or "%" in host:
        raise AddressRefused("it must carry neither a user name nor a fragment")
    if parts.scheme == "http" and not settings.DEMO_MODE:
        raise AddressRefused("it must begin with https://")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Callback(parts.scheme, host, port or _SCHEMES[parts.scheme], target)


def resolve(callback: Callback) -> Sequence[str]:
    """Return the addresses of a callback's host, each of which may be connected to.

    :raises AddressRefused: there is none, or one of them is not public.
    """
    try:
        found = socket.getaddrinfo(callback.host, callback.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused("its host is not found") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(map(_is_allowed, addresses)):
        raise AddressRefused("its host is not in the public internet")
    return addresses


def _is_allowed(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:  # such as an IPv6 address with a zone
        return False
    if settings.DEMO_MODE and address.is_loopback:
        return True
    return _is_public(address)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and (
        address.ipv4_mapped is not None or any(address in tunnel for tunnel in _TUNNELS)
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
