"""The gateway to a message centre by SMPP 3.4: many texts under way at once on one connection.

Answers are read in a window instead of one by one: at 5 ms an answer that is some forty times as many texts a second.
Receipts and texts from customers come over a connection of their own (`messaging.operations.listen_to_network`).
"""

import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.conf import settings
from smpplib import consts

from messaging.gateways.base import GatewayUnavailable, Outcome, OutgoingSms, SendResult, SmsGateway
from messaging.gateways.smpp_link import Address, LineCut, Pdu, SmppLink
from messaging.sms_parts import encode_gsm, is_gsm, split_parts

_GSM_CODING = consts.SMPP_ENCODING_DEFAULT
_UCS2_CODING = consts.SMPP_ENCODING_ISO10646
_QUIET_SECONDS = 20.0
# Sending the same text again would not help. Everything else may: a full queue (0x14), a system error (0x08).
_REFUSED_FOR_GOOD = {
    consts.SMPP_ESME_RINVMSGLEN,
    consts.SMPP_ESME_RINVCMDLEN,
    consts.SMPP_ESME_RINVDSTADR,
    consts.SMPP_ESME_RINVESMCLASS,
    consts.SMPP_ESME_RINVDSTTON,
    consts.SMPP_ESME_RINVDSTNPI,
    consts.SMPP_ESME_RINVEXPIRY,
    consts.SMPP_ESME_RX_P_APPN,
    consts.SMPP_ESME_RX_R_APPN,
}


def smpp_address() -> Address:
    """Return the message centre of the settings.

    :raises GatewayUnavailable: none is set.
    """
    if not settings.SMPP_HOST:
        raise GatewayUnavailable("HALL_SMPP_HOST is not set")
    return Address(
        host=settings.SMPP_HOST,
        port=settings.SMPP_PORT,
        system_id=settings.SMPP_SYSTEM_ID,
        password=settings.SMPP_PASSWORD,
        system_type=settings.SMPP_SYSTEM_TYPE,
        tls=settings.SMPP_TLS,
    )


class SmppGateway(SmsGateway):
    """Keeps one connection a process, and opens it anew when it was lost. Message centres do not know ids again."""

    name = "smpp"

    def __init__(self) -> None:
        self._link: SmppLink | None = None

    def send(self, messages: Sequence[OutgoingSms], *, now: datetime, timeout_seconds: float) -> list[SendResult]:
        if not messages:
            return []
        deadline = time.monotonic() + timeout_seconds
        texts = [_Text(message) for message in messages]
        link = self._open(deadline)
        try:
            stopped_because = _Window(link, texts, deadline).run()
        except LineCut as cut:
            self._link = None
            stopped_because = str(cut)
        if any(text.unanswered for text in texts):
            # Whoever leaves answers owing may be hanging: the next batch connects anew.
            self.close()
        return [text.result(stopped_because) for text in texts]

    def close(self) -> None:
        """Hang up; the next batch connects anew."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def _open(self, deadline: float) -> SmppLink:
        if self._link is not None and not self._link.is_alive(quiet_seconds=_QUIET_SECONDS):
            self.close()
        if self._link is None:
            self._link = SmppLink(smpp_address(), bind_as="transmitter", deadline=deadline)
        return self._link


@dataclass(slots=True)
class _Text:
    """One text on its way, part by part."""

    message: OutgoingSms
    words: list[str] = field(init=False)
    accepted: dict[int, str] = field(default_factory=dict)
    unanswered: set[int] = field(default_factory=set)
    failure: int | None = None

    def __post_init__(self) -> None:
        self.words = split_parts(self.message.body)

    def pdu(self, link: SmppLink, number: int) -> Pdu:
        """Return the request for one part, counted from 0."""
        gsm = is_gsm(self.message.body)
        octets = encode_gsm(self.words[number]) if gsm else self.words[number].encode("utf-16-be")
        several = len(self.words) > 1
        return link.make(
            "submit_sm",
            source_addr_ton=settings.SMPP_SOURCE_TON,
            source_addr_npi=settings.SMPP_SOURCE_NPI,
            source_addr=settings.SERVICE_NUMBER,
            dest_addr_ton=consts.SMPP_TON_INTL,
            dest_addr_npi=consts.SMPP_NPI_ISDN,
            destination_addr=self.message.msisdn.removeprefix("+"),
            esm_class=consts.SMPP_GSMFEAT_UDHI if several else consts.SMPP_MSGMODE_DEFAULT,
            registered_delivery=consts.SMPP_SMSC_DELIVERY_RECEIPT_BOTH,
            validity_period=_validity(self.message.expires_at),
            data_coding=_GSM_CODING if gsm else _UCS2_CODING,
            short_message=(self._header(number) if several else b"") + octets,
        )

    def _header(self, number: int) -> bytes:
        """The header that lets a handset put parts together; a text sent again has the same reference."""
        return bytes([5, 0, 3, _reference(self.message.message_id), len(self.words), number + 1])

    def result(self, stopped_because: str) -> SendResult:
        """Return what became of it, now that nothing more is sent or read."""
        if self.unanswered:
            return SendResult(Outcome.UNKNOWN, reason=stopped_because)
        if self.failure is not None and self.failure != consts.SMPP_ESME_RTHROTTLED:
            outcome = Outcome.REFUSED if self.failure in _REFUSED_FOR_GOOD else Outcome.TRY_LATER
            return SendResult(outcome, reason=_status_words(self.failure))
        if len(self.accepted) == len(self.words):
            ids = tuple(self.accepted[number] for number in range(len(self.words)))
            return SendResult(Outcome.SENT, gateway_message_id=ids[0], report_ids=tuple(filter(None, ids)))
        # When some of its parts are out, the next try sends them again under the same reference.
        return SendResult(Outcome.TRY_LATER if self.accepted else Outcome.NOT_TRIED, reason=stopped_because)


class _Window:
    """Submits parts, as many as may be unanswered at once, and reads the answers in whatever order they come."""

    def __init__(self, link: SmppLink, texts: Sequence[_Text], deadline: float) -> None:
        self.link = link
        self.deadline = deadline
        self.waiting = deque((text, number) for text in texts for number in range(len(text.words)))
        self.in_flight: dict[int, tuple[_Text, int]] = {}
        self.throttled = ""

    def run(self) -> str:
        """Go on until everything is answered, the network wants a pause, or the time is over.

        :return: why some texts did not leave or have no answer, if there are such.
        :raises LineCut: the connection ended on the way.
        """
        while self.waiting or self.in_flight:
            self._submit()
            if not self.in_flight:
                continue
            answer = self.link.receive(deadline=self.deadline)
            if answer is None:
                return "no answer in time"
            # All that has come is taken before more is submitted, so that the next ones leave together.
            while answer is not None:
                self._take(answer)
                answer = self.link.receive(deadline=0.0) if self.in_flight else None
        return self.throttled

    def _submit(self) -> None:
        pdus = []
        while self.waiting and len(self.in_flight) < settings.SMPP_WINDOW:
            text, number = self.waiting.popleft()
            if text.failure is not None:
                continue
            pdu = text.pdu(self.link, number)
            self.in_flight[pdu.sequence] = (text, number)
            text.unanswered.add(number)
            pdus.append(pdu)
        if pdus:
            self.link.request(*pdus, deadline=self.deadline)

    def _take(self, answer: Pdu) -> None:
        if answer.command not in ("submit_sm_resp", "generic_nack") or answer.sequence not in self.in_flight:
            return
        text, number = self.in_flight.pop(answer.sequence)
        text.unanswered.discard(number)
        if answer.status == consts.SMPP_ESME_ROK and answer.command == "submit_sm_resp":
            text.accepted[number] = (answer.message_id or b"").decode("latin-1")
            return
        text.failure = answer.status
        if answer.status == consts.SMPP_ESME_RTHROTTLED:
            self.throttled = _status_words(answer.status)
            self.waiting.clear()


def _status_words(status: int) -> str:
    return f"0x{status:02x} {consts.DESCRIPTIONS.get(status, '')}".strip()


def _reference(message_id: uuid.UUID) -> int:
    return message_id.int & 0xFF


def _validity(expires_at: datetime | None) -> str:
    """Return an instant as SMPP writes it: YYMMDDhhmmss, tenths, quarters of an hour from UTC."""
    return f"{expires_at.astimezone(UTC):%y%m%d%H%M%S}000+" if expires_at else ""
