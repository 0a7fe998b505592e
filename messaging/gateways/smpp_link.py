"""One SMPP 3.4 connection: frames in and out, binding, and the keep-alive. The shapes of PDUs are smpplib's.

What the far end sends is not believed: a length that no PDU has, or bytes that are none, end the connection at once.
"""

import os
import select
import socket
import ssl
import struct
import time
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from smpplib.command_codes import get_command_name
from smpplib.consts import SMPP_ESME_ROK, SMPP_VERSION_34
from smpplib.exceptions import UnknownCommandError
from smpplib.smpp import make_pdu

from messaging.gateways.base import GatewayUnavailable

_HEADER_BYTES = 16
# A PDU with the longest text has some 400 bytes; what says it is longer than this is no SMPP.
_LONGEST_PDU_BYTES = 64 * 1024
_READ_BYTES = 64 * 1024
# Optional fields that a receipt or a text may carry.
_MESSAGE_STATE = 0x0427
_OCTET_OPTIONS = {0x001E: "receipted_message_id", 0x0424: "message_payload"}
# What smpplib raises over a body that is cut short or makes no sense.
_UNREADABLE = (struct.error, UnknownCommandError, KeyError, AttributeError, TypeError, ValueError, IndexError)

Pdu = Any


class LineCut(Exception):
    """The connection ended, or what came over it is no SMPP; it is closed."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message centre is, and who we are there."""

    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    tls: bool = False


class SmppLink:
    """A bound connection, until `close` or `LineCut`. Times are of the monotonic clock."""

    def __init__(self, address: Address, *, bind_as: str, deadline: float) -> None:
        """Connect and bind.

        :param bind_as: "transmitter", "receiver" or "transceiver".
        :raises GatewayUnavailable: nobody is there, or we are not let in.
        """
        self._sequences = count(1)
        self._received = bytearray()
        self.process_id = os.getpid()
        try:
            self._socket = _connect(address, deadline)
            self.last_heard = time.monotonic()
            self._bind(address, bind_as, deadline)
        except (OSError, LineCut) as error:
            raise GatewayUnavailable(f"{type(error).__name__}: {error}"[:200]) from error

    def _bind(self, address: Address, bind_as: str, deadline: float) -> None:
        number = self.request(
            self.make(
                f"bind_{bind_as}",
                system_id=address.system_id,
                password=address.password,
                system_type=address.system_type,
                interface_version=SMPP_VERSION_34,
            ),
            deadline=deadline,
        )
        answer = self.receive(deadline=deadline)
        if answer is None or answer.sequence != number or answer.command != f"bind_{bind_as}_resp":
            self.close()
            raise LineCut("no answer to the bind")
        if answer.status != SMPP_ESME_ROK:
            self.close()
            raise GatewayUnavailable(f"bind refused: 0x{answer.status:02x}")

    def next_sequence(self) -> int:
        """Return the next sequence number; smpplib asks for it."""
        self.sequence = next(self._sequences)
        return self.sequence

    def make(self, command: str, **fields: Any) -> Pdu:
        """Return a request of ours, with its sequence number."""
        return make_pdu(command, client=self, **fields)

    def request(self, *pdus: Pdu, deadline: float) -> int:
        """Send requests in one go and return the sequence number of the last.

        :raises LineCut: they did not leave, or not wholly.
        """
        try:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            self._socket.sendall(b"".join(pdu.generate() for pdu in pdus))
        except OSError as error:
            raise self._cut(error) from error
        return int(pdus[-1].sequence)

    def answer(self, request: Pdu, *, status: int = SMPP_ESME_ROK) -> None:
        """Answer a request of the far end.

        :raises LineCut: the connection has ended.
        """
        answer = make_pdu(f"{request.command}_resp", client=self, status=status)
        answer.status = status
        answer.sequence = request.sequence
        self.request(answer, deadline=time.monotonic() + 5.0)

    def receive(self, *, deadline: float) -> Pdu | None:
        """Return the next PDU that is the caller's business, or None when none came in time.

        Enquiries are answered here; unbinding ends the connection.

        :raises LineCut: the connection has ended, or is no SMPP.
        """
        while True:
            frame = self._next_frame(deadline)
            if frame is None:
                return None
            self.last_heard = time.monotonic()
            try:
                pdu = self._parse(frame)
            except _UNREADABLE as error:
                raise self._cut(error) from error
            if pdu.command == "enquire_link":
                self.answer(pdu)
            elif pdu.command == "unbind":
                self.answer(pdu)
                raise self._cut(ConnectionResetError("unbound by the message centre"))
            else:
                return pdu

    def is_alive(self, *, quiet_seconds: float) -> bool:
        """Tell whether a connection that rested may be used again; asks the far end if it was quiet for long.

        False also in a child of the process that made it.
        """
        if self.process_id != os.getpid():
            return False
        try:
            while self.receive(deadline=time.monotonic()) is not None:
                pass
            if time.monotonic() - self.last_heard < quiet_seconds:
                return True
            asked = time.monotonic()
            self.request(self.make("enquire_link"), deadline=asked + 2.0)
            answer = self.receive(deadline=asked + 2.0)
        except LineCut:
            return False
        return answer is not None

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _parse(self, frame: bytes) -> Pdu:
        command = get_command_name(struct.unpack_from(">L", frame, 4)[0])
        pdu = make_pdu(command, client=self)
        # smpplib knows few optional fields and gives up at any other; ours takes what it can use.
        pdu.parse_optional_params = partial(_read_options, pdu)
        pdu.parse(frame)
        return pdu

    def _next_frame(self, deadline: float) -> bytes | None:
        while True:
            if len(self._received) >= 4:
                (length,) = struct.unpack_from(">L", self._received)
                if not _HEADER_BYTES <= length <= _LONGEST_PDU_BYTES:
                    raise self._cut(ValueError(f"a PDU of {length} bytes"))
                if len(self._received) >= length:
                    frame = bytes(self._received[:length])
                    del self._received[:length]
                    return frame
            if not self._read_more(deadline):
                return None

    def _read_more(self, deadline: float) -> bool:
        """Take what has come in, waiting for it until the deadline; False when nothing came."""
        try:
            pending = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()
            seconds = max(deadline - time.monotonic(), 0.0)
            if not pending and not select.select([self._socket], [], [], seconds)[0]:
                return False
            self._socket.settimeout(max(seconds, 0.001))
            octets = self._socket.recv(_READ_BYTES)
        except TimeoutError:
            return False
        except (OSError, ValueError) as error:
            raise self._cut(error) from error
        if not octets:
            raise self._cut(ConnectionResetError("closed by the message centre"))
        self._received += octets
        return True

    def _cut(self, error: Exception) -> LineCut:
        self.close()
        return LineCut(f"{type(error).__name__}: {error}"[:200])


def _read_options(pdu: Pdu, octets: bytes) -> None:
    position = 0
    while position + 4 <= len(octets):
        tag, length = struct.unpack_from(">HH", octets, position)
        value = octets[position + 4 : position + 4 + length]
        position += 4 + length
        if tag == _MESSAGE_STATE and value:
            pdu.message_state = value[0]
        elif tag in _OCTET_OPTIONS:
            setattr(pdu, _OCTET_OPTIONS[tag], value)


def _connect(address: Address, deadline: float) -> socket.socket:
    seconds = max(deadline - time.monotonic(), 0.001)
    plain = socket.create_connection((address.host, address.port), timeout=seconds)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not address.tls:
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=address.host)
    except OSError:
        plain.close()
        raise
