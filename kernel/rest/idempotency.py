"""One key, one effect: a POST that is sent again gets the answer that was given, and does nothing.

The answer is kept in the transaction of the work itself, so either both are there or neither. Of two at the same time
the second waits for the first on the unique key. A refused request keeps nothing, since it moved nothing: it may be
mended and sent again with the same key.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.models import IdempotencyRecord

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,64}\Z")


class IdempotencyKeyMissing(DomainError):
    """A POST without a key could not be told from its repeat."""

    code = "IDEMPOTENCY_KEY_MISSING"
    message = _("Every POST needs an Idempotency-Key.")
    cure = _("Send a header Idempotency-Key of 1 to 64 visible ASCII characters, such as your own order number.")
    http_status = 400
    field = HEADER


class IdempotencyKeyReused(DomainError):
    """The key was used for another request before."""

    code = "IDEMPOTENCY_KEY_REUSED"
    message = _("This Idempotency-Key was used for another request.")
    cure = _("Send a new key for a new request.")
    field = HEADER


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer as it is sent: status, body text, and headers of its own."""

    status: int
    body: str
    headers: Mapping[str, str]


def read_key(headers: Mapping[str, str], *, client_id: str) -> str:
    """Return the request's key; one that nobody repeats, where REST_CLIENTS_WITHOUT_KEYS lets the caller send none.

    :raises IdempotencyKeyMissing: there is none, or it is not 1 to 64 visible ASCII characters.
    """
    key = headers.get(HEADER, "")
    if not key and client_id in settings.REST_CLIENTS_WITHOUT_KEYS:
        return f"none-{uuid7()}"
    if not _KEY.match(key):
        raise IdempotencyKeyMissing
    return key


def request_hash(method: str, path: str, body: Mapping[str, Any]) -> str:
    """Return what tells one request from another: the order of attributes and white space make no difference."""
    canonical = json.dumps([method, path, body], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def answer_once(*, client_id: str, key: str, request_hash: str, now: datetime, work: Callable[[], Answer]) -> Answer:
    """Do the work and keep its answer, or return the answer kept for this client and key.

    :param work: runs inside one transaction with the record; what it raises leaves no trace of either.
    :raises IdempotencyKeyReused: the key stands for another request; nothing was done.
    """
    with transaction.atomic():
        record = _claim(key=f"{client_id}:{key}", request_hash=request_hash, now=now)
        if record.request_hash != request_hash:
            raise IdempotencyKeyReused
        if record.status is not None:
            return Answer(record.status, record.body, record.headers)
        answer = work()
        IdempotencyRecord.objects.filter(key=record.key).update(
            status=answer.status, body=answer.body, headers=dict(answer.headers)
        )
        return answer


def _claim(*, key: str, request_hash: str, now: datetime) -> IdempotencyRecord:
    """Insert our record, or wait until the one of the same key has committed or gone, and return what stands.

    A record without a status is ours: nobody else's is seen before it has its answer.
    """
    ours = IdempotencyRecord(key=key, request_hash=request_hash, created_at=now)
    IdempotencyRecord.objects.bulk_create([ours], ignore_conflicts=True)
    return IdempotencyRecord.objects.get(key=key)
