"""A message centre on loopback that speaks SMPP 3.4 from the octets up, and can be told to misbehave.

It shares no code with the gateway, so that the two can disagree.
"""

import queue
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}
BINDS = {0x01: "receiver", 0x02: "transmitter", 0x09: "transceiver"}
SUBMIT, DELIVER, ENQUIRE, UNBIND = 0x04, 0x05, 0x15, 0x06
ANSWER = 0x80000000
GARBAGE = {
    "length 0": struct.pack(">LLLL", 0, 0x80000004, 0, 1),
    "length 2^31": struct.pack(">LLLL", 2**31, 0x80000004, 0, 1),
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "unknown command": struct.pack(">LLLL", 16, 0x777, 0, 1),
}


def _nothing() -> None:
    """What is done beside most answers."""


@dataclass
class Submitted:
    """One submit_sm as it came in."""

    source: str
    to: str
    esm_class: int
    validity: str
    registered: int
    coding: int
    octets: bytes
    message_id: str

    @property
    def udh(self) -> bytes:
        return self.octets[: self.octets[0] + 1] if self.esm_class & 0x40 else b""

    @property
    def words(self) -> str:
        body = self.octets[len(self.udh) :]
        return body.decode("utf-16-be") if self.coding == 8 else _decode_gsm(body)


@dataclass
class MessageCentre:
    """Answers on 127.0.0.1 until `close`.

    :ivar status_of: given the number of the submit (from 1) and the submit, the status to answer with.
    :ivar trouble: "" | "hang" | "cut" | a key of `GARBAGE`: what happens instead of the answer to a submit.
    :ivar answers_before_trouble: so many submits are answered well before the trouble begins.
    """

    latency_seconds: float = 0.0
    password: str = "pässword"
    trouble: str = ""
    answers_before_trouble: int = 0
    status_of: Callable[[int, Submitted], int] = lambda _number, _submit: 0
    submitted: list[Submitted] = field(default_factory=list)
    binds: list[str] = field(default_factory=list)
    enquiries: int = 0
    most_unanswered: int = 0

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.sessions: list[_Session] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _peer = self.listener.accept()
            except OSError:
                return
            self.sessions.append(_Session(self, connection))

    def close(self) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End every connection, as a restart does."""
        for session in self.sessions:
            session.close()
        self.sessions.clear()

    def received(self, msisdn: str) -> list[str]:
        """What a handset shows: parts are put together, a part that comes twice is dropped."""
        texts: dict[object, dict[int, str]] = {}
        for number, submit in enumerate(self.submitted):
            if submit.to == msisdn.removeprefix("+"):
                key: object = (submit.udh[3], submit.udh[4]) if submit.udh else number
                place = submit.udh[5] if submit.udh else 1
                texts.setdefault(key, {})[place] = submit.words
        return ["".join(parts[place] for place in sorted(parts)) for parts in texts.values()]

    def deliver(
        self, *, source: str, to: str, octets: bytes, esm_class: int = 0, coding: int = 0, tlvs: bytes = b""
    ) -> int:
        """Send a deliver_sm to the receiver that is bound, and return the status of its answer."""
        session = self.wait_for_receiver()
        return session.deliver(
            b"\0\x01\x01"
            + source.encode()
            + b"\0\x01\x01"
            + to.encode()
            + b"\0"
            + bytes([esm_class, 0, 0])
            + b"\0\0"
            + bytes([0, 0, coding, 0, len(octets)])
            + octets
            + tlvs
        )

    def wait_for_receiver(self, seconds: float = 10.0) -> "_Session":
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            for session in self.sessions:
                if session.bound_as in ("receiver", "transceiver") and not session.closed:
                    return session
            time.sleep(0.01)
        raise AssertionError("no receiver is bound")


class _Session:
    """One connection: a thread reads, another answers when the latency is over."""

    def __init__(self, centre: MessageCentre, connection: socket.socket) -> None:
        self.centre, self.connection = centre, connection
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bound_as = ""
        self.closed = False
        self.unanswered = 0
        self.answers: queue.Queue[tuple[float, bytes, Callable[[], None], Callable[[], None]]] = queue.Queue()
        self.delivered: queue.Queue[int] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._write, daemon=True).start()

    def close(self) -> None:
        self.closed = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def deliver(self, body: bytes) -> int:
        self.connection.sendall(struct.pack(">LLLL", 16 + len(body), DELIVER, 0, 77) + body)
        return self.delivered.get(timeout=10)

    def enquire(self) -> None:
        self.connection.sendall(struct.pack(">LLLL", 16, ENQUIRE, 0, 78))

    def _read(self) -> None:
        stream = self.connection.makefile("rb")
        try:
            while header := stream.read(16):
                length, command, status, sequence = struct.unpack(">LLLL", header)
                self._take(command, status, sequence, stream.read(length - 16))
        except (OSError, ValueError):
            pass
        self.closed = True

    def _take(self, command: int, status: int, sequence: int, body: bytes) -> None:
        if command in BINDS:
            fields = body.split(b"\0")
            self.centre.binds.append(BINDS[command])
            welcome = self.centre.password.encode("latin-1") == fields[1]
            # Bound only once the answer has left: what is sent before it would be taken for a wrong answer.
            self._answer(
                command,
                0 if welcome else 0x0E,
                sequence,
                b"centre\0" if welcome else b"",
                then=partial(setattr, self, "bound_as", BINDS[command] if welcome else ""),
            )
        elif command == SUBMIT:
            self._take_submit(sequence, body)
        elif command == ENQUIRE:
            self.centre.enquiries += 1
            self._answer(command, 0, sequence, b"")
        elif command == UNBIND:
            self._answer(command, 0, sequence, b"")
        elif command == DELIVER | ANSWER:
            self.delivered.put(status)

    def _take_submit(self, sequence: int, body: bytes) -> None:
        centre = self.centre
        submit = _parse_submit(body, f"{len(centre.submitted) + 1:x}")
        number = len(centre.submitted) + 1
        if centre.trouble and number > centre.answers_before_trouble:
            if centre.trouble == "cut":
                self.close()
            elif centre.trouble != "hang":
                self.answers.put((time.monotonic(), GARBAGE[centre.trouble], _nothing, _nothing))
            return
        self.unanswered += 1
        centre.most_unanswered = max(centre.most_unanswered, self.unanswered)
        status = centre.status_of(number, submit)
        if status == 0:
            centre.submitted.append(submit)
        message_id = submit.message_id.encode() + b"\0" if status == 0 else b""
        self._answer(SUBMIT, status, sequence, message_id, before=self._count_answered)

    def _count_answered(self) -> None:
        self.unanswered -= 1

    def _answer(
        self,
        command: int,
        status: int,
        sequence: int,
        body: bytes,
        *,
        before: Callable[[], None] = _nothing,
        then: Callable[[], None] = _nothing,
    ) -> None:
        pdu = struct.pack(">LLLL", 16 + len(body), command | ANSWER, status, sequence) + body
        self.answers.put((time.monotonic() + self.centre.latency_seconds, pdu, before, then))

    def _write(self) -> None:
        while not self.closed:
            try:
                due, pdu, before, then = self.answers.get(timeout=0.5)
            except queue.Empty:
                continue
            time.sleep(max(due - time.monotonic(), 0.0))
            before()
            try:
                self.connection.sendall(pdu)
            except OSError:
                return
            then()


def _parse_submit(body: bytes, message_id: str) -> Submitted:
    _service, rest = body.split(b"\0", 1)
    source, rest = rest[2:].split(b"\0", 1)
    to, rest = rest[2:].split(b"\0", 1)
    esm_class = rest[0]
    _schedule, rest = rest[3:].split(b"\0", 1)
    validity, rest = rest.split(b"\0", 1)
    registered, coding, length = rest[0], rest[2], rest[4]
    octets = rest[5 : 5 + length]
    assert len(octets) == length == len(rest) - 5, "sm_length is not that of the message"
    assert len(octets) <= 140 or (coding == 0 and len(octets) <= 160), "longer than a part may be"
    return Submitted(source.decode(), to.decode(), esm_class, validity.decode(), registered, coding, octets, message_id)


def _decode_gsm(octets: bytes) -> str:
    signs, position = [], 0
    while position < len(octets):
        if octets[position] == 0x1B:
            position += 1
            signs.append(_GSM_ESCAPED[octets[position]])
        else:
            signs.append(_GSM[octets[position]])
        position += 1
    return "".join(signs)
