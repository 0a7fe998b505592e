"""What a message centre hands over by deliver_sm: a receipt for one part of a text, or a text from a customer."""

import re
from dataclasses import dataclass
from datetime import datetime

from smpplib import consts

from kernel.clock import SHANGHAI
from messaging.gateways.smpp_link import Pdu
from messaging.sms_parts import decode_gsm

_TYPE_BITS = 0x3C
# Words of the receipt's text, by SMPP 3.4 appendix B, and codes of its message_state field.
_DELIVERED_WORDS = {"DELIVRD"}
_FAILED_WORDS = {"EXPIRED", "DELETED", "UNDELIV", "REJECTD", "UNKNOWN"}
_DELIVERED_STATES = {2}
_FAILED_STATES = {3, 4, 5, 7, 8}
_STATE_NAMES = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 7: "UNKNOWN", 8: "REJECTD"}
_FIELD = re.compile(r"\b(id|done date|stat|err):(\S+)", re.IGNORECASE)
_UCS2_CODINGS = {consts.SMPP_ENCODING_ISO10646}
_LATIN_CODINGS = {consts.SMPP_ENCODING_IA5, consts.SMPP_ENCODING_ISO88591}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one part.

    :ivar delivered: True or False; None while it is still under way.
    """

    message_id: str
    delivered: bool | None
    reason: str
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class CustomerText:
    """A text as it came: numbers in digits, as the network writes them."""

    source: str
    to: str
    words: str
    message_id: str


def read_deliver_sm(pdu: Pdu) -> Receipt | CustomerText:
    """Read a deliver_sm that smpplib has taken apart.

    :raises ValueError: it is neither.
    """
    octets = pdu.short_message or pdu.message_payload or b""
    if pdu.esm_class & _TYPE_BITS == consts.SMPP_MSGTYPE_DEFAULT:
        return _text(pdu, octets)
    return _receipt(pdu, octets.decode("latin-1"))


def _receipt(pdu: Pdu, words: str) -> Receipt:
    fields = {name.lower(): value for name, value in _FIELD.findall(words)}
    message_id = _octets(pdu.receipted_message_id) or fields.get("id", "")
    if not message_id:
        raise ValueError("a receipt for nothing")
    state = fields.get("stat", "").upper() or _STATE_NAMES.get(pdu.message_state or 0, "")
    delivered = None
    if pdu.message_state in _DELIVERED_STATES or state in _DELIVERED_WORDS:
        delivered = True
    elif pdu.message_state in _FAILED_STATES or state in _FAILED_WORDS:
        delivered = False
    error = fields.get("err", "").strip("0")
    return Receipt(message_id, delivered, f"{state} {error}".strip(), _instant(fields.get("done date", "")))


def _text(pdu: Pdu, octets: bytes) -> CustomerText:
    if pdu.esm_class & consts.SMPP_GSMFEAT_UDHI and octets:
        octets = octets[octets[0] + 1 :]
    if pdu.data_coding in _UCS2_CODINGS:
        words = octets.decode("utf-16-be", errors="replace")
    elif pdu.data_coding in _LATIN_CODINGS:
        words = octets.decode("latin-1")
    else:
        words = decode_gsm(octets)
    return CustomerText(
        source=_octets(pdu.source_addr),
        to=_octets(pdu.destination_addr),
        words=words,
        message_id=_octets(pdu.receipted_message_id),
    )


def _octets(value: bytes | None) -> str:
    return (value or b"").decode("latin-1").strip("\0 ")


def _instant(text: str) -> datetime | None:
    """Read YYMMDDhhmm or YYMMDDhhmmss, in the network's local time."""
    for shape in ("%y%m%d%H%M", "%y%m%d%H%M%S"):
        try:
            return datetime.strptime(text, shape).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    return None
