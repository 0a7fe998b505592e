"""Deletes what only counted for a while."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from oauth2_provider.models import get_access_token_model

from accounts.models import Budget, SignInCode, StaffTrace
from kernel.forgetting import delete_in_chunks
from kernel.models import IdempotencyRecord


def forget_expired(*, now: datetime) -> int:
    """Delete budgets whose window is over, codes that are too old, ended sessions, partners' tokens that have expired,
    the answers kept under their Idempotency-Keys for IDEMPOTENCY_KEEP_DAYS, and traces of staff after
    STAFF_TRACE_KEEP_DAYS.

    A key that is forgotten makes no second top-up: its top-up keeps it for ever, and answers the same.

    :return: rows deleted.
    """
    answers_until = now - timedelta(days=settings.IDEMPOTENCY_KEEP_DAYS)
    return sum(
        delete_in_chunks(rows)
        for rows in (
            Budget.objects.filter(ends_at__lte=now),
            SignInCode.objects.filter(expires_at__lte=now),
            Session.objects.filter(expire_date__lte=now),
            get_access_token_model().objects.filter(expires__lte=now),
            IdempotencyRecord.objects.filter(created_at__lte=answers_until),
            StaffTrace.objects.filter(at__lte=now - timedelta(days=settings.STAFF_TRACE_KEEP_DAYS)),
        )
    )
