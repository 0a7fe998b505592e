"""Sends one event to one callback address: signed, to an address that was looked at, and within a time limit."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache

from partners.gateways.callback_address import AddressRefused, Callback, read_callback, resolve

_CONNECT_SECONDS = 3.0
# Another event may well be taken; all else is about the address.
_ABOUT_THE_EVENT = (400, 409, 413, 415, 422)


class NotTaken(Exception):
    """The event was not taken, or nobody says so. The words say why.

    :ivar is_about_event: the address answered, and refused this event; others may be taken.
    """

    def __init__(self, reason: str, *, is_about_event: bool = False) -> None:
        super().__init__(reason)
        self.is_about_event = is_about_event


def post_event(*, url: str, body: bytes, headers: Mapping[str, str], timeout_seconds: float) -> None:
    """Post an event; any answer from 200 to 299 takes it. Nothing but the answer's head is read.

    :param timeout_seconds: how long all of it may take, finding the host's address aside.
    :raises NotTaken: it was not taken.
    """
    ends_at = time.monotonic() + timeout_seconds
    try:
        callback = read_callback(url)
        addresses = resolve(callback)
    except AddressRefused as refusal:
        raise NotTaken(str(refusal)) from None
    try:
        with _connected(callback, addresses, ends_at) as connection:
            connection.request("POST", callback.target, body, {**headers, "Host": callback.authority})
            status = connection.getresponse().status
    except TimeoutError:
        raise NotTaken("no answer in time") from None
    except ssl.SSLError as error:
        raise NotTaken(f"TLS: {error.reason or type(error).__name__}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() >= ends_at
        raise NotTaken("no answer in time" if late else f"no answer: {type(error).__name__}") from None
    if time.monotonic() >= ends_at:
        # Cut off, a head that trickled in looks like a whole one.
        raise NotTaken("no answer in time")
    if 300 <= status < 400:
        raise NotTaken(f"HTTP {status}: redirects are not followed")
    if not 200 <= status < 300:
        raise NotTaken(f"HTTP {status}", is_about_event=status in _ABOUT_THE_EVENT)


@contextmanager
def _connected(callback: Callback, addresses: Sequence[str], ends_at: float) -> Iterator[http.client.HTTPConnection]:
    """Connect to one of the addresses; the connection is cut when the time is over, for those who trickle."""
    channel = _connect(callback, addresses, ends_at)
    cut = threading.Timer(max(ends_at - time.monotonic(), 0.0), _shut, [channel])
    cut.daemon = True
    cut.start()
    try:
        if isinstance(channel, ssl.SSLSocket):
            channel.do_handshake()
        connection = http.client.HTTPConnection(callback.host, callback.port)
        connection.sock = channel
        yield connection
    finally:
        cut.cancel()
        channel.close()


def _connect(callback: Callback, addresses: Sequence[str], ends_at: float) -> socket.socket:
    failure: OSError = TimeoutError()
    for address in addresses:
        seconds = min(_CONNECT_SECONDS, ends_at - time.monotonic())
        if seconds <= 0:
            break
        try:
            plain = socket.create_connection((address, callback.port), timeout=seconds)
        except OSError as error:
            failure = error
            continue
        plain.settimeout(max(ends_at - time.monotonic(), 0.001))
        if callback.scheme == "http":
            return plain
        return _tls().wrap_socket(plain, server_hostname=callback.host, do_handshake_on_connect=False)
    raise failure


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _shut(channel: socket.socket) -> None:
    with suppress(OSError):
        channel.shutdown(socket.SHUT_RDWR)
