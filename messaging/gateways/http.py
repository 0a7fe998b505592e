"""The gateway to any provider that takes texts as JSON over HTTPS: docs/how-to/sms-gateways.md has the messages.

A batch is one signed request. The provider answers for each text, and knows a text again by its id.
"""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError, NewConnectionError

from messaging.gateways.base import GatewayUnavailable, Outcome, OutgoingSms, SendResult, SmsGateway
from messaging.gateways.signing import signed_headers
from messaging.sms_parts import count_parts

_MOST_BYTES = 4 * 1024 * 1024
_CONNECT_SECONDS = 3.0
# The request was understood and none of its texts was taken: the provider is busy, or does not know us.
_NOTHING_TAKEN = {401, 403, 404, 429, 503}
# Some text of the request is not what it should be, and none was taken.
_WRONG_REQUEST = {400, 413, 422}
_OUTCOMES = {
    "accepted": Outcome.SENT,
    "rejected": Outcome.REFUSED,
    "busy": Outcome.TRY_LATER,
}


class RequestWrong(Exception):
    """The provider cannot read the request and took nothing of it; the batch is tried again in halves."""


class HttpGateway(SmsGateway):
    """Posts to `settings.SMS_HTTP_URL`, signed with `settings.SMS_HTTP_SECRET`."""

    name = "http"
    drops_repeats = True

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def send(self, messages: Sequence[OutgoingSms], *, now: datetime, timeout_seconds: float) -> list[SendResult]:
        if not messages:
            return []
        body = json.dumps({"from": settings.SERVICE_NUMBER, "texts": [_as_json(one) for one in messages]}).encode()
        deadline = time.monotonic() + timeout_seconds
        try:
            answers = _read_answers(*self._post(body, now, deadline))
        except _NoAnswer as error:
            return [SendResult(Outcome.UNKNOWN, reason=str(error))] * len(messages)
        return [_result(message, answers.get(str(message.message_id))) for message in messages]

    def _post(self, body: bytes, now: datetime, deadline: float) -> tuple[int, bytes]:
        if not settings.SMS_HTTP_URL or not settings.SMS_HTTP_SECRET:
            raise GatewayUnavailable("HALL_SMS_HTTP_URL or HALL_SMS_HTTP_SECRET is not set")
        headers = signed_headers(secret=settings.SMS_HTTP_SECRET, message_id=str(uuid.uuid4()), body=body, now=now)
        headers |= {"content-type": "application/json", "accept-encoding": "identity"}
        if settings.SMS_HTTP_KEY:
            headers["authorization"] = f"Bearer {settings.SMS_HTTP_KEY}"
        seconds = max(deadline - time.monotonic(), 0.001)
        try:
            with self._session.post(
                settings.SMS_HTTP_URL,
                data=body,
                headers=headers,
                timeout=(min(_CONNECT_SECONDS, seconds), seconds),
                allow_redirects=False,
                stream=True,
            ) as answer:
                return answer.status_code, _read(answer, deadline)
        except (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.InvalidURL) as error:
            raise GatewayUnavailable(type(error).__name__) from error
        except (requests.RequestException, HTTPError) as error:
            if _never_connected(error):
                raise GatewayUnavailable("nobody is there") from error
            raise _NoAnswer(type(error).__name__) from error


class _NoAnswer(Exception):
    """The texts may have left; nobody says so."""


def _as_json(message: OutgoingSms) -> dict[str, object]:
    return {
        "id": str(message.message_id),
        "to": message.msisdn,
        "text": message.body,
        "parts": count_parts(message.body),
        "valid_until": message.expires_at.isoformat() if message.expires_at else None,
    }


def _never_connected(error: Exception) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)


def _read(answer: requests.Response, deadline: float) -> bytes:
    """Read what comes before the deadline: a provider that trickles must not hold a worker."""
    octets = bytearray()
    while piece := answer.raw.read1(64 * 1024):
        octets += piece
        if len(octets) > _MOST_BYTES or time.monotonic() > deadline:
            raise _NoAnswer("an answer without end")
    return bytes(octets)


def _read_answers(status: int, body: bytes) -> Mapping[str, Mapping[str, Any]]:
    if status in _NOTHING_TAKEN:
        raise GatewayUnavailable(f"HTTP {status}")
    if status in _WRONG_REQUEST:
        raise RequestWrong(f"HTTP {status}")
    if status != 200:
        raise _NoAnswer(f"HTTP {status}")
    try:
        answers = json.loads(body)["texts"]
        return {answer["id"]: answer for answer in answers if isinstance(answer["id"], str)}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _NoAnswer("an answer that is none") from None


def _result(message: OutgoingSms, answer: Mapping[str, Any] | None) -> SendResult:
    if answer is None:
        return SendResult(Outcome.UNKNOWN, reason="not in the answer")
    outcome = _OUTCOMES.get(str(answer.get("state")), Outcome.UNKNOWN)
    if outcome is not Outcome.SENT:
        return SendResult(outcome, reason=str(answer.get("reason") or outcome.value))
    own_id = str(message.message_id)
    return SendResult(outcome, gateway_message_id=str(answer.get("reference") or own_id), report_ids=(own_id,))
