"""Puts texts into the outbox, in the transaction of what they tell about."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper

from kernel.copy_rows import copy_rows
from kernel.enqueue import nudge_after_commit
from messaging.models import SmsState, TextPreference
from messaging.queries.text_preferences import get_text_preferences, is_wanted, leaves_at
from messaging.queries.wordings import get_words
from messaging.sms_parts import count_parts
from messaging.task_names import DELIVER_SMS
from messaging.texts import SmsTemplate, signed

_SMS_IDS = uuid.UUID("5e0b52a4-6a2e-4f0c-9c38-7c5a4c1d0e11")

_COLUMNS = (
    *("account_id", "id", "msisdn", "kind", "body", "parts", "dedup_key", "urgent", "secret", "state", "attempts"),
    *("queued_at", "due_at", "expires_at", "gateway_message_id", "last_error"),
)
_NAMES = ", ".join(_COLUMNS)
_INSERT = "INSERT INTO messaging_sms ({names}) {rows} ON CONFLICT DO NOTHING"
_STAGE = "CREATE TEMPORARY TABLE queued_sms ON COMMIT DROP AS SELECT {names} FROM messaging_sms LIMIT 0"
_UNSTAGE = "DROP TABLE queued_sms"
# From here on it is quicker to copy the rows in than to write them out as values.
_MANY = 500


@dataclass(frozen=True, slots=True)
class SmsRequest:
    """One text to queue; the fields are the arguments of `queue_sms`."""

    account_id: uuid.UUID
    msisdn: str
    template: SmsTemplate
    language: str
    values: Mapping[str, object]
    dedup_key: str

    @property
    def sms_id(self) -> uuid.UUID:
        """Id of the text: the same for the same reason, so that a repeat needs no look-up."""
        return uuid.uuid5(_SMS_IDS, f"{self.account_id}|{self.dedup_key}")


def queue_sms(
    *,
    account_id: uuid.UUID,
    msisdn: str,
    template: SmsTemplate,
    language: str,
    values: Mapping[str, object],
    dedup_key: str,
    now: datetime,
) -> uuid.UUID:
    """Queue one text in the caller's transaction; a worker is nudged after the commit.

    :param msisdn: E.164.
    :param language: of the line: "zh-hans" or "en".
    :param values: for the template's placeholders.
    :param dedup_key: the reason, such as "top-up:<id>"; a second text for the same reason of an account is not queued.
    :return: id of the text, also when it had been queued before.
    :raises KeyError: a placeholder has no value.
    """
    request = SmsRequest(account_id, msisdn, template, language, values, dedup_key)
    queue_sms_batch(requests=[request], now=now)
    return request.sms_id


def queue_sms_batch(*, requests: Sequence[SmsRequest], now: datetime) -> int:
    """Queue many texts in one statement, in the caller's transaction; a worker is nudged after the commit.

    What a customer has switched off is kept as SUPPRESSED: one reason stays one row, and it is known why nothing came.

    :return: how many were written; those whose reason was known before are left out.
    :raises KeyError: a placeholder has no value.
    """
    if not requests:
        return 0
    asked = {request.account_id for request in requests if request.template.heeds_wishes}
    preferences = get_text_preferences(asked) if asked else {}
    # Sorted, so that two batches with the same reasons wait for each other instead of deadlocking.
    rows = sorted(_row(request, preferences.get((request.account_id, request.msisdn)), now) for request in requests)
    with connection.cursor() as cursor:
        queued = _copy(cursor, rows) if len(rows) >= _MANY else _insert(cursor, rows)
    if queued:
        nudge_after_commit(DELIVER_SMS)
    return queued


def _insert(cursor: CursorWrapper, rows: list[tuple[object, ...]]) -> int:
    cursor.execute(_INSERT.format(names=_NAMES, rows="VALUES " + ", ".join(["%s"] * len(rows))), rows)
    return int(cursor.rowcount)


def _copy(cursor: CursorWrapper, rows: list[tuple[object, ...]]) -> int:
    cursor.execute(_STAGE.format(names=_NAMES))
    copy_rows(cursor, "queued_sms", _COLUMNS, rows)
    cursor.execute(_INSERT.format(names=_NAMES, rows="TABLE queued_sms"))
    queued = int(cursor.rowcount)
    cursor.execute(_UNSTAGE)
    return queued


def _row(request: SmsRequest, preference: TextPreference | None, now: datetime) -> tuple[object, ...]:
    template = request.template
    due_at = leaves_at(template=template, preference=preference, now=now)
    state = SmsState.QUEUED if is_wanted(template, preference) else SmsState.SUPPRESSED
    words = get_words(template, request.language)
    body = signed(request.language, words.format_map(request.values))
    return (
        str(request.account_id),
        str(request.sms_id),
        request.msisdn,
        template.kind,
        body,
        count_parts(body),
        request.dedup_key,
        template.urgent,
        template.secret,
        state.value,
        0,
        now,
        due_at,
        due_at + template.lifetime,
        "",
        "",
    )
