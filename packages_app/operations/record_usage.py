"""Takes usage records in batches: counts, spends, reminds. The work is done by packages_app/sql/record_usage.sql."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from kernel.copy_rows import copy_rows
from packages_app.operations.reminders import queue_data_reminders

_COLUMNS = ("index", "msisdn", "record_key", "started_at", "usage_kind", "amount")
_RECORD = "SELECT recorded, rejected, reminders FROM packages_record_usage(%s, %s, %s, %s, %s, %s, %s, %s)"


class UsageRow(NamedTuple):
    """One record as the network reports it.

    :ivar msisdn: E.164.
    :ivar record_key: the network's key; the same key with the same start is the same record.
    :ivar started_at: aware.
    :ivar usage_kind: a `packages_app.models.UsageKind` value.
    :ivar amount: whole bytes, seconds or messages.
    """

    msisdn: str
    record_key: str
    started_at: datetime
    usage_kind: str
    amount: int


class RejectReason(models.TextChoices):
    """Why a record was not taken."""

    NUMBER_UNKNOWN = "NUMBER_UNKNOWN", _("no line in use has this number")
    KEY_INVALID = "KEY_INVALID", _("the record has no key, or one of more than 64 characters")
    KIND_UNKNOWN = "KIND_UNKNOWN", _("this kind of usage is not known")
    AMOUNT_NOT_POSITIVE = "AMOUNT_NOT_POSITIVE", _("the amount is not above zero")
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE", _("the amount is larger than one record can be")
    STARTS_IN_FUTURE = "STARTS_IN_FUTURE", _("the start lies in the future")
    TOO_OLD = "TOO_OLD", _("the start lies too far back")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was not taken, by its position in the batch."""

    index: int
    reason: RejectReason


@dataclass(frozen=True, slots=True)
class UsageResult:
    """What became of a batch: every record is recorded, repeated (known before, or twice in the batch) or rejected."""

    recorded: int
    repeated: int
    rejected: list[Rejected]


def record_usage(*, records: Sequence[UsageRow], now: datetime) -> UsageResult:
    """Count a batch of usage records, spend the buckets valid when each began, queue the reminders due: all or nothing.

    Records may come late, repeated, in any order, and in several batches at once: counters and buckets come out the
    same, and each reminder leaves once. Buckets are spent expiring first, then the one valid longer, never beyond their
    total; the rest is counted as beyond the plan. Batches of some 10,000 are cheapest.

    :param records: as the network reports them; absurd ones are rejected each with its reason, the others count.
    :param now: when the batch came.
    """
    return _record(records, now, remind=True)


def import_usage(*, records: Sequence[UsageRow], now: datetime) -> UsageResult:
    """Count usage that another system has counted before: as `record_usage`, but the reminders were given there.

    :param records: as the network reports them.
    :param now: until when the other system counted.
    """
    return _record(records, now, remind=False)


def _record(records: Sequence[UsageRow], now: datetime, *, remind: bool) -> UsageResult:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT packages_begin_usage_batch()")
        copy_rows(cursor, "usage_batch", _COLUMNS, ((index, *record) for index, record in enumerate(records)))
        cursor.execute(
            _RECORD,
            [
                now,
                now - timedelta(days=settings.USAGE_OLDEST_DAYS),
                now + timedelta(seconds=settings.USAGE_CLOCK_SKEW_SECONDS),
                settings.USAGE_MOST_DATA_BYTES,
                settings.USAGE_MOST_VOICE_SECONDS,
                settings.USAGE_MOST_SMS,
                settings.DATA_REMINDER_THRESHOLDS_PERCENT,
                remind,
            ],
        )
        recorded, rejections, reminders = cursor.fetchone()
        queue_data_reminders(crossings=json.loads(reminders), now=now)
    rejected = [Rejected(index, RejectReason(reason)) for index, reason in json.loads(rejections)]
    return UsageResult(recorded=recorded, repeated=len(records) - len(rejected) - recorded, rejected=rejected)
