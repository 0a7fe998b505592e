"""What the network reports about texts it took: delivered, or not and why.

Reports come late, twice, in any order, before the answer to the submit, or about nothing we know. Each id of the
network has one row that either side may make first; whoever completes it carries the report to the text.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from messaging.models import NetworkMessage, ReportState

_KEY_LENGTH = 96
_REASON_LENGTH = 60
_PURGED_AT_ONCE = 10_000

_NOTE_IDS = """
    INSERT INTO messaging_network_message AS known (key, account_id, sms_id, part_bits, state, reason, noted_at)
    SELECT key, account_id, sms_id, part_bits, '', '', noted_at
      FROM unnest(%s::varchar[], %s::uuid[], %s::uuid[], %s::integer[]) AS ours (key, account_id, sms_id, part_bits),
           (SELECT %s::timestamptz) AS moment (noted_at)
    ON CONFLICT (key) DO UPDATE
       SET account_id = EXCLUDED.account_id, sms_id = EXCLUDED.sms_id, part_bits = EXCLUDED.part_bits,
           -- An id that stood for another text was given out again: what was reported of that one is over.
           state = CASE WHEN known.sms_id IS NULL THEN known.state ELSE '' END,
           noted_at = EXCLUDED.noted_at
     WHERE known.sms_id IS DISTINCT FROM EXCLUDED.sms_id
    RETURNING account_id, sms_id, part_bits, state, reason, reported_at
"""

# Delivered is the end: what is said afterwards is late. Not delivered may still be corrected.
_NOTE_REPORT = """
    INSERT INTO messaging_network_message AS known (key, part_bits, state, reason, reported_at, noted_at)
    VALUES (%s, 0, %s, %s, %s, %s)
    ON CONFLICT (key) DO UPDATE
       SET state = EXCLUDED.state, reason = EXCLUDED.reason, reported_at = EXCLUDED.reported_at
     WHERE known.state = '' OR (known.state = 'UNDELIVERED' AND EXCLUDED.state = 'DELIVERED')
    RETURNING account_id, sms_id, part_bits
"""

_DELIVERED = """
    UPDATE messaging_sms
       SET delivered_parts = delivered_parts | %(part_bits)s,
           state = CASE WHEN delivered_parts | %(part_bits)s = (1 << parts) - 1 THEN 'DELIVERED' ELSE state END,
           delivered_at = CASE WHEN delivered_parts | %(part_bits)s = (1 << parts) - 1
                               THEN %(reported_at)s::timestamptz END,
           last_error = CASE WHEN delivered_parts | %(part_bits)s = (1 << parts) - 1 THEN '' ELSE last_error END
     WHERE account_id = %(account_id)s AND id = %(sms_id)s AND state IN ('SENT', 'UNDELIVERED')
"""

_UNDELIVERED = """
    UPDATE messaging_sms
       SET state = 'UNDELIVERED', last_error = %(reason)s
     WHERE account_id = %(account_id)s AND id = %(sms_id)s AND state = 'SENT'
       AND delivered_parts & %(part_bits)s = 0
"""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a network says about one part of a text.

    :ivar gateway: name of the gateway it came by.
    :ivar message_id: the id under which that gateway reports.
    :ivar reason: why it was not delivered, in the network's words.
    :ivar reported_at: when it was delivered or given up, as the network says; None if it does not.
    """

    gateway: str
    message_id: str
    state: ReportState
    reason: str = ""
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportedText:
    """A text that was sent, with the network's ids: one for each part, or one for all."""

    account_id: uuid.UUID
    sms_id: uuid.UUID
    parts: int
    message_ids: tuple[str, ...]

    def list_part_bits(self) -> list[int]:
        """Return for each id the parts it stands for, a bit for each."""
        if len(self.message_ids) == self.parts:
            return [1 << number for number in range(self.parts)]
        return [(1 << self.parts) - 1] * len(self.message_ids)


def note_network_ids(*, gateway: str, texts: Sequence[ReportedText], now: datetime) -> None:
    """Note which texts a network's ids stand for, and carry over the reports that were quicker.

    :param gateway: name of the gateway they left by.
    """
    rows = {
        _key(gateway, message_id): (str(text.account_id), str(text.sms_id), part_bits)
        for text in texts
        for message_id, part_bits in zip(text.message_ids, text.list_part_bits(), strict=True)
    }
    if not rows:
        return
    keys = sorted(rows)
    with transaction.atomic(), connection.cursor() as cursor:
        columns: list[list[object]] = [[rows[key][column] for key in keys] for column in range(3)]
        cursor.execute(_NOTE_IDS, [keys, *columns, now])
        for account_id, sms_id, part_bits, state, reason, reported_at in cursor.fetchall():
            if state:
                _carry(account_id, sms_id, part_bits, state, reason, reported_at)


def record_report(*, report: DeliveryReport, now: datetime) -> None:
    """Keep a report and carry it to its text. Repeated, late and unknown ones change nothing they should not."""
    reported_at = min(report.reported_at or now, now)
    state, reason = report.state.value, ""
    if report.state is ReportState.UNDELIVERED:
        reason = report.reason[:_REASON_LENGTH]
    key = _key(report.gateway, report.message_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NOTE_REPORT, [key, state, reason, reported_at, now])
        row = cursor.fetchone()
        if row and row[0]:
            account_id, sms_id, part_bits = row
            _carry(account_id, sms_id, part_bits, state, reason, reported_at)


def forget_old_network_ids(*, now: datetime) -> int:
    """Forget ids older than `settings.SMS_REPORT_DAYS`, some thousands at a time; return how many that were."""
    too_old = NetworkMessage.objects.filter(noted_at__lt=now - timedelta(days=settings.SMS_REPORT_DAYS))
    keys = list(too_old.order_by("noted_at").values_list("key", flat=True)[:_PURGED_AT_ONCE])
    return NetworkMessage.objects.filter(key__in=keys).delete()[0] if keys else 0


def _carry(
    account_id: uuid.UUID, sms_id: uuid.UUID, part_bits: int, state: str, reason: str, reported_at: datetime
) -> None:
    statement = _DELIVERED if state == ReportState.DELIVERED else _UNDELIVERED
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "account_id": account_id,
                "sms_id": sms_id,
                "part_bits": part_bits,
                "reason": reason,
                "reported_at": reported_at,
            },
        )


def _key(gateway: str, message_id: str) -> str:
    return f"{gateway}:{message_id}"[:_KEY_LENGTH]
