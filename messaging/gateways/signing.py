"""The signature under which the hall and a gateway over HTTP talk: that of Standard Webhooks, HMAC-SHA256.

Signed is `<id>.<seconds since 1970>.<body>`, sent as `v1,<Base64>` beside the id and the time. Whoever repeats an old
message is refused by its time; the secret never travels.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

ID, TIME, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = timedelta(minutes=5)


class SignatureWrong(Exception):
    """The message was not signed with the secret, or not within the last minutes."""


def signed_headers(*, secret: str, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers that prove who sent a body, and when."""
    seconds = str(int(now.timestamp()))
    return {ID: message_id, TIME: seconds, SIGNATURE: f"v1,{_signature(secret, message_id, seconds, body)}"}


def verify(*, secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Make sure that a body was signed with the secret within `TOLERANCE` of now.

    :param headers: names in any case, as Django's `request.headers`, or in small letters.
    :raises SignatureWrong: it was not.
    """
    message_id, seconds = headers.get(ID, ""), headers.get(TIME, "")
    if not secret or not message_id or not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        raise SignatureWrong
    if abs(int(seconds) - now.timestamp()) > TOLERANCE.total_seconds():
        raise SignatureWrong
    wanted = f"v1,{_signature(secret, message_id, seconds, body)}".encode()
    # While a secret is being changed there may be several signatures, with spaces between.
    given = headers.get(SIGNATURE, "").encode().split(b" ")
    if not any(hmac.compare_digest(one, wanted) for one in given):
        raise SignatureWrong


def _signature(secret: str, message_id: str, seconds: str, body: bytes) -> str:
    signed = f"{message_id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
