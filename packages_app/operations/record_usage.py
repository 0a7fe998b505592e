"""Takes usage records in batches: counts, spends, reminds.

The work is done by record_usage.sql, spend_buckets.sql, recount_month.sql and usage_reminders.sql in packages_app/sql.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import OperationalError, connection, models, transaction
from django.utils.translation import gettext_lazy as _

from kernel.clock import Month
from kernel.copy_rows import copy_rows
from packages_app.events import beyond_use_stopped
from packages_app.operations.reminders import queue_data_reminders

_COLUMNS = (
    *("index", "msisdn", "record_key", "started_at", "usage_kind", "amount", "app", "region"),
    "other_party",
)
_RECORD = "SELECT recorded, rejected, reminders FROM packages_record_usage(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
# When buckets came that should have been locked first; as a rule the next attempt finds them.
_SHARED_BUCKETS_CAME = "40001"
_ATTEMPTS = 3
_LOCK = "SELECT packages_lock_usage(%s::uuid[], %s::date[])"
_RECOUNT = "SELECT packages_recount_usage(%s::uuid[], %s, %s, %s, %s)"


class UsageRow(NamedTuple):
    """One record as the network reports it.

    :ivar msisdn: E.164.
    :ivar record_key: the network's key; the same key with the same start is the same record.
    :ivar started_at: aware.
    :ivar usage_kind: a `packages_app.models.UsageKind` value.
    :ivar amount: whole bytes, seconds or messages.
    :ivar app: code of the application, when the network knows it.
    :ivar region: where: a province ("CN-GD") or a roaming region ("HK"); "" is the account's own province.
    :ivar other_party: of a call or text.
    """

    msisdn: str
    record_key: str
    started_at: datetime
    usage_kind: str
    amount: int
    app: str = ""
    region: str = ""
    other_party: str = ""


class RejectReason(models.TextChoices):
    """Why a record was not taken."""

    NUMBER_UNKNOWN = "NUMBER_UNKNOWN", _("no line in use has this number")
    KEY_INVALID = "KEY_INVALID", _("the record has no key, or one of more than 64 characters")
    KIND_UNKNOWN = "KIND_UNKNOWN", _("this kind of usage is not known")
    AMOUNT_NOT_POSITIVE = "AMOUNT_NOT_POSITIVE", _("the amount is not above zero")
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE", _("the amount is larger than one record can be")
    STARTS_IN_FUTURE = "STARTS_IN_FUTURE", _("the start lies in the future")
    TOO_OLD = "TOO_OLD", _("the start lies too far back")
    APP_INVALID = "APP_INVALID", _("the application's code is longer than 40 characters")
    REGION_INVALID = "REGION_INVALID", _("the region is neither a province such as CN-GD nor a country such as JP")
    PARTY_INVALID = "PARTY_INVALID", _("the other party is longer than 32 characters")


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

    Records may come late, repeated, in any order, and in several batches at once: counters, buckets and what is beyond
    them come out the same, and each reminder leaves once. A bucket covers what its scope says: any use at home, at home
    with one application or at a time of day, or in one region. Spent are those that expire first, then what was carried
    over, then the most specific, then the line's own before shared ones, never beyond their total; the rest is beyond
    the plan. Batches of some 10,000 are cheapest.

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


def lock_usage(*, account_ids: Sequence[uuid.UUID], months: Sequence[Month]) -> None:
    """Keep all usage of some months from being counted until the caller's transaction ends.

    For whoever opens buckets that hold what is left of others: what is counted by then is seen, and what comes
    afterwards sees the new buckets.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(account_ids), [month.first_date for month in months]])


def recount_usage(*, account_ids: Sequence[uuid.UUID], month: Month, now: datetime) -> None:
    """Spend the buckets of a month again from its records, and queue the reminders that are due then.

    For whoever changes allowances or plans for a time that may have been counted: opens buckets late, ends them early.

    :param account_ids: all their lines are counted again; accounts without usage in that month are passed over.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT packages_begin_usage_batch()")
        cursor.execute(_RECOUNT, [sorted(account_ids), month.first_date, now, *_limits()])
        _tell(cursor.fetchone()[0], now)


def _record(records: Sequence[UsageRow], now: datetime, *, remind: bool) -> UsageResult:
    for _attempt in range(_ATTEMPTS - 1):
        try:
            return _record_once(records, now, remind=remind)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) != _SHARED_BUCKETS_CAME:
                raise
    return _record_once(records, now, remind=remind)


def _record_once(records: Sequence[UsageRow], now: datetime, *, remind: bool) -> UsageResult:
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
                *_limits(),
                remind,
            ],
        )
        recorded, rejections, reminders = cursor.fetchone()
        _tell(reminders, now)
    rejected = [Rejected(index, RejectReason(reason)) for index, reason in json.loads(rejections)]
    return UsageResult(recorded=recorded, repeated=len(records) - len(rejected) - recorded, rejected=rejected)


def _limits() -> tuple[list[int], int]:
    """Return the house's thresholds and its cap on use beyond the plan."""
    return settings.DATA_REMINDER_THRESHOLDS_PERCENT, settings.USAGE_CAP_FEN


def _tell(reminders: str, now: datetime) -> None:
    crossings: list[dict[str, Any]] = json.loads(reminders)
    queue_data_reminders(crossings=crossings, now=now)
    for crossing in crossings:
        if crossing["is_cap"] and crossing["threshold_percent"] == 100:
            transaction.on_commit(partial(_notify_of_stop, crossing))


def _notify_of_stop(crossing: dict[str, Any]) -> None:
    beyond_use_stopped.send_robust(
        sender=None, account_id=uuid.UUID(crossing["account_id"]), line_id=uuid.UUID(crossing["line_id"])
    )
