"""Deletes what only counted for a while."""

from datetime import datetime

from accounts.operations.retention import list_short_rules


def forget_expired(*, now: datetime) -> int:
    """Delete budgets whose window is over, codes that are too old, ended sessions, partners' tokens that have expired,
    the answers kept under their Idempotency-Keys for IDEMPOTENCY_KEEP_DAYS, and traces of staff after
    STAFF_TRACE_KEEP_DAYS.

    A key that is forgotten makes no second top-up: its top-up keeps it for ever, and answers the same.

    :return: rows deleted.
    """
    return sum(rule.apply(now) for rule in list_short_rules())
