"""Deletes what only counted for a while."""

from datetime import datetime

from django.contrib.sessions.models import Session

from accounts.models import Budget, SignInCode


def forget_expired(*, now: datetime) -> int:
    """Delete budgets whose window is over, codes that are too old, and ended sessions.

    :return: rows deleted.
    """
    deleted, _by_model = Budget.objects.filter(ends_at__lte=now).delete()
    deleted += SignInCode.objects.filter(expires_at__lte=now).delete()[0]
    deleted += Session.objects.filter(expire_date__lte=now).delete()[0]
    return deleted
